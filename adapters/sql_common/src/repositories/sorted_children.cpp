#include "repositories/sorted_children.hpp"

#include "baluhost/domain/text.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

// Each order has an index that ends in the name, which is walked forwards or backwards. Backwards
// the names of one value come backwards too, so of the highest value first what is left of it is
// read by name; the values below are read as they come and each value's entries turned round; the
// last of them, which may not be whole, is read again by name. Three statements, however many
// entries are equal.
namespace baluhost::sql {
namespace {

std::string_view value_column(SortKey key) {
  return key == SortKey::size ? "f.size" : "f.modified_at";
}

/// A condition that only the index of the order serves.
std::string entries_of(FileKind kind, SortKey key) {
  if (key == SortKey::size && kind == FileKind::file)
    return "from files f where f.parent_id = ? and f.size is not null and ";
  return "from files f where f.parent_id = ? and f.kind = '" + std::string{to_string(kind)} +
         "' and ";
}

/// Greater than every name, which has 255 bytes at most.
std::string after_all_names() {
  std::string text;
  while (text.size() < 256) append_code_point(text, 0x10FFFF);
  return text;
}

/// Reads the entries of one kind.
class Reader {
 public:
  Reader(Connection& db, FileId directory, SortedEntries entries)
      : db_(db), directory_(directory), entries_(entries) {}

  std::vector<FileEntry> read(const std::optional<SortedPlace>& after, std::size_t limit) const {
    if (!entries_.has_value()) return by_name(after, limit);
    return entries_.order.descending ? downwards(after, limit) : upwards(after, limit);
  }

 private:
  std::vector<FileEntry> by_name(const std::optional<SortedPlace>& after, std::size_t limit) const {
    const std::string end = entries_.is_backwards() ? after_all_names() : std::string{};
    return fetch(entries_.after_place(),
                 {directory_, after ? after->name.str() : end, sql_limit(limit)});
  }

  std::vector<FileEntry> upwards(const std::optional<SortedPlace>& after, std::size_t limit) const {
    const std::int64_t value = after ? after->value : std::numeric_limits<std::int64_t>::min();
    return fetch(entries_.after_place(),
                 {directory_, value, after ? after->name.str() : std::string{}, sql_limit(limit)});
  }

  std::vector<FileEntry> downwards(const std::optional<SortedPlace>& after,
                                   std::size_t limit) const {
    std::vector<FileEntry> found;
    if (after) found = of_value(after->value, after->name.str(), limit);
    if (found.size() == limit) return found;
    const std::int64_t value = after ? after->value : std::numeric_limits<std::int64_t>::max();
    auto lower = fetch(entries_.down_from_value(!after),
                       {directory_, value, sql_limit(limit - found.size())});
    const bool is_cut = lower.size() == limit - found.size();
    const auto value_of = [&](const FileEntry& entry) {
      return place_in(entries_.order, entry).value;
    };
    for (auto first = lower.begin(); first != lower.end();) {
      const auto last = std::find_if(first, lower.end(), [&](const FileEntry& entry) {
        return value_of(entry) != value_of(*first);
      });
      if (last == lower.end() && is_cut) {
        auto again = of_value(value_of(*first), "", static_cast<std::size_t>(last - first));
        std::ranges::move(again, std::back_inserter(found));
      } else {
        std::move(std::reverse_iterator{last}, std::reverse_iterator{first},
                  std::back_inserter(found));
      }
      first = last;
    }
    return found;
  }

  std::vector<FileEntry> of_value(std::int64_t value, const std::string& after,
                                  std::size_t limit) const {
    return fetch(entries_.of_value(), {directory_, value, after, sql_limit(limit)});
  }

  std::vector<FileEntry> fetch(const Query& query, std::initializer_list<Argument> values) const {
    return all(db_.select(query, values), read_file);
  }

  Connection& db_;
  FileId directory_;
  SortedEntries entries_;
};

} // namespace

bool SortedEntries::has_value() const noexcept {
  return order.key == SortKey::modified_at ||
         (order.key == SortKey::size && kind == FileKind::file);
}

bool SortedEntries::is_backwards() const noexcept {
  return order.key == SortKey::name && order.descending;
}

Query SortedEntries::after_place() const {
  if (!has_value()) {
    return select(kFileColumns, entries_of(kind, SortKey::name) +
                                    (is_backwards() ? "f.name < ? order by f.name desc limit ?"
                                                    : "f.name > ? order by f.name limit ?"));
  }
  const std::string value{value_column(order.key)};
  return select(kFileColumns, entries_of(kind, order.key) + "(" + value +
                                  ", f.name) > (?, ?) order by " + value + ", f.name limit ?");
}

Query SortedEntries::of_value() const {
  const std::string value{value_column(order.key)};
  return select(kFileColumns, entries_of(kind, order.key) + value +
                                  " = ? and f.name > ? order by f.name limit ?");
}

Query SortedEntries::down_from_value(bool inclusive) const {
  const std::string value{value_column(order.key)};
  return select(kFileColumns, entries_of(kind, order.key) + value +
                                  (inclusive ? std::string{" <= ?"} : std::string{" < ?"}) +
                                  " order by " + value + " desc, f.name desc limit ?");
}

Result<std::vector<FileEntry>> SqlFiles::sorted_children(FileId directory, DirectoryOrder order,
                                                         const std::optional<SortedPlace>& after,
                                                         std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    std::vector<FileEntry> entries;
    for (const FileKind kind : std::array{FileKind::directory, FileKind::file}) {
      if (entries.size() == limit || (after && kind == FileKind::directory && after->kind != kind))
        continue;
      const Reader reader(db_, directory, SortedEntries{kind, order});
      auto some =
          reader.read(after && after->kind == kind ? after : std::nullopt, limit - entries.size());
      std::ranges::move(some, std::back_inserter(entries));
    }
    return entries;
  });
}

} // namespace baluhost::sql
