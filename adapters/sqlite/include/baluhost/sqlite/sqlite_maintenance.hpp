#pragma once

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace baluhost {

/// Pages copied so far, and all there are.
using SqliteBackupProgress = std::function<void(std::int64_t done, std::int64_t total)>;

/// Copies the database `source` as it is at one moment, what its WAL holds included, into the new
/// file `destination` (0600, durable when this returns). Writers go on meanwhile. already_exists:
/// there is such a file, which stays untouched. not_found: there is no source. unavailable: the
/// disk is full or an error of reading or writing; the unfinished file is removed.
Result<void> backup_sqlite(const std::string& source, const std::string& destination,
                           const SqliteBackupProgress& progress = {});

/// quick: not whether each index holds what its table holds. everything: full, whether it
/// has the tables and columns of its version and no others, and contents that a scrub or a restore
/// found damaged.
enum class SqliteCheck { full, quick, everything };

/// Everything wrong with the file's structure, its foreign keys and, in a full check, its index of
/// names, a sentence each; none for a sound database. not_found, unavailable.
Result<std::vector<std::string>> check_sqlite(const std::string& path,
                                              SqliteCheck check = SqliteCheck::full);

/// Writes the search keys that are not those of their names, and the index of names anew; returns
/// how many keys were wrong. Others that write wait meanwhile. not_found, unavailable.
Result<std::int64_t> reindex_sqlite(const std::string& path);

} // namespace baluhost
