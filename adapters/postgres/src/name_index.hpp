#pragma once

#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/dialect.hpp"

#include <optional>
#include <span>
#include <string>

namespace baluhost::postgres {

/// As `Dialect::name_match`: a text search query.
std::string name_match(std::span<const std::string> terms, std::optional<UserId> owner,
                       const std::optional<sql::Dialect::IdRange>& range);

/// As `Dialect::names_read`, by the statistics of the database.
std::optional<std::int64_t> names_read(sql::Connection& db, std::span<const std::string> terms,
                                       std::optional<UserId> owner);

} // namespace baluhost::postgres
