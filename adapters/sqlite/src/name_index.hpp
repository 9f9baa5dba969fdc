#pragma once

#include "baluhost/sql_common/connection.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::sqlite {

/// As `Dialect::name_matches`: an expression of FTS5 on `files_search`.
std::optional<std::string> name_match(sql::Connection& db, std::span<const std::string> terms,
                                      std::optional<UserId> owner);

/// Whether names changed that are not in the index.
bool has_changed_names(sql::Connection& db);

/// Whether about as many changes of names as `count`, or more, wait for the index.
bool has_many_changed_names(sql::Connection& db, std::size_t count);

/// Brings into the index what changed of names; to be called before a commit, outside of any
/// savepoint that lasts. Throws as the connection does.
void index_changed_names(sql::Connection& db);

/// Whether the index holds what the search keys are, and nothing else, once what changed is brought
/// into it. In a transaction of the caller's, so that both are of one moment.
bool is_name_index_right(sql::Connection& db);

/// Makes the index anew, whatever became of it. In a transaction of the caller's.
void rebuild_name_index(sql::Connection& db);

/// Statements that write the index anew from the rows of `files`, where no trigger kept it.
std::string_view fill_name_index() noexcept;

} // namespace baluhost::sqlite
