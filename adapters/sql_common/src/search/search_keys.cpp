#include "baluhost/sql_common/search_keys.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/sql_common/value_list.hpp"

#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::sql {
namespace {

constexpr std::size_t kAtOnce = 512;

using Keys = std::vector<std::pair<FileId, std::string>>;

std::int64_t write_keys(Connection& db, Keys& keys) {
  std::int64_t written = 0;
  in_portions(std::span{keys}, kAtOnce, [&](std::span<const Keys::value_type> some) {
    const ValueRows rows(some, "(cast(? as bigint), cast(? as text))",
                         [](const Keys::value_type& of) -> Arguments {
                           return {of.first, of.second};
                         });
    written += db.execute("with v(id, key) as (values " + rows.sql +
                              ") update files set search_key = (select v.key from v where v.id = "
                              "files.id) where id in (select v.id from v)",
                          rows.arguments);
  });
  return written;
}

/// Calls `found(keys)` with the right keys of names that have others, so many at once; returns how
/// many there are.
template <class Found>
Result<std::int64_t> each_wrong(Connection& db, const Found& found) {
  return guarded(db, [&]() -> Result<std::int64_t> {
    static const Query query = select(number("f.id") + text("f.name", "f.search_key"),
                                      "from files f where f.id > ? order by f.id limit ?");
    std::int64_t wrong = 0;
    FileId after{std::numeric_limits<std::int64_t>::min()};
    std::int64_t rows = sql_limit(kAtOnce);
    while (rows == sql_limit(kAtOnce)) {
      rows = 0;
      Keys keys;
      for (auto cursor = db.select(query, {after, sql_limit(kAtOnce)}); cursor.next(); ++rows) {
        Row row = cursor.row();
        after = FileId{row.number()};
        auto key = search_key(row.text());
        if (row.text() != key) keys.emplace_back(after, std::move(key));
      }
      wrong += static_cast<std::int64_t>(keys.size());
      found(keys);
    }
    return wrong;
  });
}

} // namespace

Result<std::int64_t> add_search_keys(Connection& db) {
  return guarded(db, [&]() -> Result<std::int64_t> {
    static const Query query =
        select(number("f.id") + text("f.name"), "from files f where f.search_key = '' limit ?");
    Keys keys = all(db.select(query, {sql_limit(kAtOnce)}), [](Row& row) {
      const FileId id{row.number()};
      return std::pair{id, search_key(row.text())};
    });
    return write_keys(db, keys);
  });
}

Result<std::int64_t> count_wrong_search_keys(Connection& db) {
  return each_wrong(db, [](const Keys&) {});
}

Result<std::int64_t> mend_search_keys(Connection& db) {
  return each_wrong(db, [&](Keys& keys) { write_keys(db, keys); });
}

std::string wrong_keys_sentence(std::int64_t keys) {
  return concat(keys, " names have another search key than theirs: ", kReindex);
}

} // namespace baluhost::sql
