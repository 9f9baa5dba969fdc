#include "fixtures/files_fixture.hpp"

namespace baluhost::files_test {
namespace {

TEST_CASE("entity tags are compared strongly and weakly as RFC 9110 section 8.8.3.2 has it") {
  const Condition condition{.present = true, .any = false, .etags = {"\"a\"", "W/\"b\""}};
  CHECK(condition.matches_strongly("\"a\""));
  CHECK_FALSE(condition.matches_strongly("\"b\""));
  CHECK_FALSE(condition.matches_strongly("\"c\""));
  CHECK(condition.matches_weakly("\"a\""));
  CHECK(condition.matches_weakly("\"b\""));
  CHECK_FALSE(condition.matches_weakly("\"c\""));
  CHECK_FALSE(condition.matches_weakly(std::nullopt));
  const Condition any{.present = true, .any = true, .etags = {}};
  CHECK(any.matches_strongly(std::nullopt));
  CHECK(any.matches_weakly("\"a\""));
}

TEST_CASE("the ledger sets room aside per owner and gives it back") {
  QuotaLedger ledger;
  const UserId anna{1};
  const UserId bert{2};
  auto first = ledger.reserve(anna, 60, 10, 100);
  REQUIRE(first);
  CHECK(ledger.reserve(anna, 31, 10, 100).error().code == Errc::quota_exceeded);
  CHECK(ledger.reserve(bert, 100, 0, 100));
  CHECK(ledger.reserve(anna, 30, 10, 100));
  CHECK(ledger.reserve(anna, 0, 200, 100));
  CHECK(ledger.reserve(anna, 1, 200, 100).error().code == Errc::quota_exceeded);
  CHECK(ledger.reserve(anna, 1'000'000, 10, std::nullopt));

  CHECK(first->grow(90, 10, 100));
  CHECK(first->grow(91, 10, 100).error().code == Errc::quota_exceeded);
  CHECK(ledger.reserve(anna, 1, 10, 100).error().code == Errc::quota_exceeded);
  QuotaLedger::Reservation moved = std::move(*first);
  CHECK(ledger.reserve(anna, 1, 10, 100).error().code == Errc::quota_exceeded);
  moved.release();
  moved.release();
  CHECK(ledger.reserve(anna, 90, 10, 100));
}

} // namespace
} // namespace baluhost::files_test
