#include "baluhost/domain/ids.hpp"
#include <catch2/catch.hpp>
TEST_CASE("ids order by their number") { CHECK(baluhost::UserId{1} < baluhost::UserId{2}); }
