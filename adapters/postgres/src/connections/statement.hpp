#pragma once

#include "baluhost/sql_common/connection.hpp"
#include "connections/pipeline.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace baluhost::postgres {

/// A statement that is prepared on its first way to the server. Throws what SOCI throws, here and
/// later.
std::unique_ptr<sql::Statement> make_statement(Pipeline& pipeline, std::string_view sql,
                                               std::string_view shape);

} // namespace baluhost::postgres
