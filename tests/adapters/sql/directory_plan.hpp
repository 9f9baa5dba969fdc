#pragma once

#include "sql/sql_fixture.hpp"

#include <string>
#include <utility>
#include <vector>

// What the adapters really send for a page of a large directory in each order, and the plan of it:
// each statement walks the index of its order, from the place on, and nothing is sorted.
namespace baluhost::test {

inline constexpr FileId kLargeDirectory{2};

/// A directory of files and directories, half each; many are equal in size or time. `rows`: what
/// gives the numbers i from 1 to 60,000 in this SQL; `yes`: its true.
inline std::string fill_large_directory(const std::string& rows, const std::string& yes) {
  return "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
         "created_at, updated_at) values (1, 'anna', 'user', " +
         yes +
         ", 0, 0, '', 1, 1);"
         "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at) values"
         " (1, null, 'anna', 'directory', 1, 1, 1), (2, 1, 'large', 'directory', 1, 1, 1);"
         "insert into files (id, parent_id, name, kind, blob, size, sha256, owner_id, created_at, "
         "modified_at) select i + 2, 2, 'n' || i, case when i % 2 = 0 then 'file' else 'directory' "
         "end, case when i % 2 = 0 then 'b' || i end, case when i % 2 = 0 then i % 7 end, case "
         "when "
         "i % 2 = 0 then '" +
         std::string(64, '0') + "' end, 1, 1, i % 9 from " + rows;
}

struct PlannedOrder {
  DirectoryOrder order;
  std::string index; ///< of files
};

inline std::vector<PlannedOrder> planned_orders() {
  std::vector<PlannedOrder> orders;
  for (const bool descending : {false, true}) {
    orders.push_back({{SortKey::name, descending}, "files_by_kind"});
    orders.push_back({{SortKey::size, descending}, "files_by_size"});
    orders.push_back({{SortKey::modified_at, descending}, "files_by_time"});
  }
  return orders;
}

/// Reads a first page of directories, one that goes on among them, one among files, and the last;
/// several times, since a database may plan anew. `begin` is called before each order, `check`
/// after it.
template <class Begin, class Check>
void read_planned_orders(Database& database, const Begin& begin, const Check& check) {
  for (const PlannedOrder& planned : planned_orders()) {
    INFO(static_cast<int>(planned.order.key) << (planned.order.descending ? "-" : "+"));
    begin();
    for (int round = 0; round < 7; ++round) {
      const auto name = value(FileName::parse("n3"));
      for (const auto& after : std::vector<std::optional<SortedPlace>>{
               std::nullopt, SortedPlace{FileKind::directory, 4, name},
               SortedPlace{FileKind::file, 4, name}}) {
        std::vector<FileEntry> page;
        value(database.read([&](ReadTransaction& tx) -> Result<void> {
          BALUHOST_TRY(page,
                       tx.files().sorted_children(kLargeDirectory, planned.order, after, 101));
          return {};
        }));
        CHECK(page.size() == 101);
      }
    }
    check(planned);
  }
}

} // namespace baluhost::test
