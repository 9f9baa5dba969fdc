#pragma once

#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/dialect.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baluhost::postgres {

/// As `Dialect::name_matches`: text search queries.
std::vector<std::string> name_matches(std::span<const std::string> terms,
                                      std::optional<UserId> owner,
                                      const std::optional<sql::Dialect::IdRange>& range);

/// A condition on a row of `files f`: it has all of so many matches.
std::string indexed_names(std::size_t matches);

/// As `Dialect::few_from`, by the statistics and the index.
FileId few_from(sql::Connection& db, std::span<const std::string> terms,
                std::optional<UserId> owner, const sql::Dialect::IdRange& range);

/// As `Dialect::names_read`, by the statistics of the database.
std::optional<std::int64_t> names_read(sql::Connection& db, std::span<const std::string> terms,
                                       std::optional<UserId> owner);

} // namespace baluhost::postgres
