#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

/// What SOCI has no words for, through the handle of its connection. Nothing else of the adapter
/// names the SQLite API.
namespace baluhost::sqlite {

/// `frozen`: read only, a file that nobody changes meanwhile, without what else lies beside it.
enum class OpenMode { read_write, read_only, frozen };

/// not_found: there is no file `path`. unavailable: it cannot be looked at or read, as `detail`
/// says.
Result<void> check_file(const std::string& path);

/// What of `path` and its directory may not be written, and why: for who could not open it. Empty:
/// nothing.
std::string missing_right(const std::string& path);

/// A connection with every setting it needs. Throws what SOCI throws.
std::unique_ptr<sql::Connection> open_connection(const std::string& path, OpenMode mode,
                                                 std::chrono::milliseconds busy_timeout);

/// A connection without any setting, on a file that is to become a copy of another.
std::unique_ptr<sql::Connection> open_blank(const std::string& path);

/// Asks for a lock every millisecond, not ever more rarely as SQLite does by itself.
void ask_often(sql::Connection& connection, std::chrono::milliseconds patience);

/// Runs statements one after the other, unprepared. Only for text that is written in this program.
void run_script(sql::Connection& connection, std::string_view sql);

void roll_back(sql::Connection& connection) noexcept;

/// False when SQLite has given the transaction up by itself: the disk was full, or failed.
bool in_transaction(sql::Connection& connection) noexcept;

sqlite_api::sqlite3* handle_of(sql::Connection& connection) noexcept;

} // namespace baluhost::sqlite
