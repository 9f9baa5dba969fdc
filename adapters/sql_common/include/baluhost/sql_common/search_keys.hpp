#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost::sql {

/// Gives names that have none their search key, as those of a database that was upgraded: so many
/// at most, in one statement. Returns how many it gave; 0: every name has one.
Result<std::int64_t> add_search_keys(Connection& db);

/// How many names have another search key than theirs.
Result<std::int64_t> count_wrong_search_keys(Connection& db);

/// Gives each name of another search key than its own that; returns how many these were.
Result<std::int64_t> mend_search_keys(Connection& db);

/// What a person can do about it.
inline constexpr std::string_view kReindex = "run `baluhostctl db reindex`";

/// What a check says of so many wrong keys.
std::string wrong_keys_sentence(std::int64_t keys);

} // namespace baluhost::sql
