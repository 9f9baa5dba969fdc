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

/// Whether one of `terms` is in few names, by the statistics of the database.
bool has_rare_term(sql::Connection& db, std::span<const std::string> terms);

} // namespace baluhost::postgres
