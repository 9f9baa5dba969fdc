#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baluhost::migrate {

enum class ColumnType { integer, boolean, text };

struct Column {
  std::string_view name;
  ColumnType type{ColumnType::text};
  bool nullable{false};
  std::size_t limit{0}; ///< characters; 0: none
  bool compared{true};  ///< false: copied, but not part of the checksum, since a running source
                        ///< changes it all the time
};

/// How the rows of a table come and go, which decides how a second pass catches up.
enum class Growth {
  appended, ///< rows are never changed and keys only grow: only what is behind the last key is new
  mutable_, ///< copied whole each time
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;
  std::string_view key; ///< columns that order it, as SQL
  Growth growth{Growth::mutable_};
  bool identity{false};      ///< `id` is given by the database
  std::string_view source{}; ///< what stands behind FROM, where it is not the table itself
  bool derived{false};       ///< triggers keep it, so that rows of others may have filled it
};

/// Every table that moves, parents before children. Derived and local ones (`schema_version`,
/// `migration_runs`, `identity_version`, `audit_order`, `audit_sealed_up_to`) do not.
std::span<const Table> tables();
const Table& table_named(std::string_view name); ///< one of them
bool is_known_table(std::string_view name);

using Cell = std::variant<std::monostate, std::int64_t, std::string_view>;
using Row = std::vector<Cell>;

/// Appends the row's canonical bytes: a tag and the value of every compared column, the same
/// whichever database it came from.
void append_canonical(std::string& out, const Table& table, const Row& row);

/// `key` of a row for people: "id 17".
std::string describe_key(const Table& table, const Row& row);

} // namespace baluhost::migrate
