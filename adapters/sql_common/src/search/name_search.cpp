#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"
#include "search/name_terms.hpp"

#include <algorithm>
#include <limits>
#include <string>

// An index of three letters finds rare words and is slow for common ones: it would bring most of
// all names. A look at the newest names finds common words at once and never ends for rare ones. So
// the newest names of a home are looked at first, as many as take no time, and the index is asked
// for what is left. What these names have most is not asked of the index either.
namespace baluhost::sql {
namespace {

constexpr std::size_t kLookedAt = 20'000;
constexpr std::size_t kFewestLookedAt = 500;
constexpr std::size_t kSample = 256;
constexpr std::size_t kMostTerms = 3;

/// Where a lookup reads all that have the terms, from the newest to the oldest.
constexpr std::int64_t kMostLookups = 24;

/// Of a tree that is walked whole; larger ones are looked for in their homes.
constexpr std::int64_t kSmallTree = 5'000;

const std::string kBelow =
    "with recursive t(id) as (select id from files where id in (?) union"
    " select f.id from t join files f on f.parent_id = t.id)";

std::string with_list(std::string sql, const std::string& list) {
  return sql.replace(sql.find("(?)"), 3, '(' + list + ')');
}

std::optional<FileId> read_maybe_id(Row& row) { return row.maybe<FileId>(); }

/// What has to be true of a row of `files f`.
class Condition {
 public:
  Condition(const Dialect& dialect, const NameQuery& query) {
    add("f.parent_id is not null");
    for (const auto& word : query.words) add(dialect.contains("f.search_key", "?"), word);
    add_part(query);
    if (query.kind) add("f.kind = ?", to_string(*query.kind));
    if (query.modified_from) add("f.modified_at >= ?", *query.modified_from);
    if (query.modified_to) add("f.modified_at < ?", *query.modified_to);
    if (query.min_size) add("f.size >= ?", *query.min_size);
    if (query.max_size) add("f.size <= ?", *query.max_size);
  }

  void add(const std::string& sql) { sql_ += (sql_.empty() ? "" : " and ") + sql; }
  void add(const std::string& sql, const Argument& value) {
    add(sql);
    arguments_.push_back(value);
  }

  [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

  /// `before`, these, and `limit`.
  [[nodiscard]] Arguments between(Arguments before, std::size_t limit) const {
    before.insert(before.end(), arguments_.begin(), arguments_.end());
    before.emplace_back(sql_limit(limit));
    return before;
  }

 private:
  void add_part(const NameQuery& query) {
    if (query.part == NameQuery::Part::whole_name) add("f.search_key = ?", query.text);
    if (query.part == NameQuery::Part::beginning) add("f.search_key <> ?", query.text);
    if (query.part == NameQuery::Part::beginning || query.part == NameQuery::Part::rest) {
      const bool begins = query.part == NameQuery::Part::beginning;
      add(concat("substr(f.search_key, 1, ", code_points(query.text), begins ? ") = ?" : ") <> ?"),
          query.text);
    }
  }

  std::string sql_;
  Arguments arguments_;
};

/// One home, or all of them.
class HomeSearch {
 public:
  HomeSearch(Connection& db, const NameQuery& query, std::optional<UserId> owner, std::size_t looks)
      : db_(db), query_(query), condition_(db.dialect(), query), owner_(owner), looks_(looks) {
    if (owner_) condition_.add("f.owner_id = ?", *owner_);
  }

  [[nodiscard]] std::vector<FileEntry> find(FileId before, std::size_t limit) const {
    auto found = look_at_newest(before, limit);
    if (found.size() == limit) return found;
    const auto next = last_looked_at(before);
    if (!next) return found;
    auto more = look_up(*next, limit - found.size());
    std::ranges::move(more, std::back_inserter(found));
    return found;
  }

 private:
  /// `columns` of the newest entries; takes their number last.
  [[nodiscard]] std::string newest(std::string_view columns) const {
    return "(select " + std::string{columns} + " from files f where " +
           (owner_ ? "f.owner_id = ? and " : "") + "f.id < ? order by f.id desc limit ?) f";
  }

  [[nodiscard]] Arguments newest_of(FileId before, std::size_t number) const {
    Arguments arguments;
    if (owner_) arguments.emplace_back(*owner_);
    arguments.emplace_back(before);
    arguments.emplace_back(sql_limit(number));
    return arguments;
  }

  [[nodiscard]] std::vector<FileEntry> look_at_newest(FileId before, std::size_t limit) const {
    const auto query = select(kFileColumns, "from " + newest("f.*") + " where " + condition_.sql() +
                                                " order by f.id desc limit ?");
    return all(db_.select(query, condition_.between(newest_of(before, looks_), limit)), read_file);
  }

  /// None if no entry is left after it.
  [[nodiscard]] std::optional<FileId> last_looked_at(FileId before) const {
    const auto query = select(number("count(*)", "min(f.id)"), "from " + newest("f.id"));
    return one(db_.select(query, newest_of(before, looks_)),
               [&](Row& row) {
                 const auto count = row.number();
                 const auto last = row.maybe<FileId>();
                 return count == sql_limit(looks_) ? last : std::nullopt;
               })
        .value_or(std::nullopt);
  }

  [[nodiscard]] std::vector<FileEntry> look_up(FileId before, std::size_t limit) const {
    const auto sample =
        all(db_.select(select(text("f.search_key"), "from " + newest("f.search_key")),
                       newest_of(before, kSample)),
            read_text<std::string>);
    const auto terms = rarest_terms(query_, sample, kMostTerms);
    const auto query = db_.dialect().name_lookup(kFileColumns, condition_.sql());
    const FileId oldest = oldest_entry();
    const bool is_cheap = db_.dialect().is_cheap_lookup(db_, terms);
    const auto step = is_cheap ? before.value : (before.value - oldest.value) / kMostLookups + 1;
    std::vector<FileEntry> found;
    for (Dialect::IdRange range{before, before}; range.before > oldest && found.size() < limit;
         range.before = range.from) {
      range.from = FileId{std::max(range.before.value - step, oldest.value)};
      const auto match = db_.dialect().name_match(db_, terms, owner_,
                                                  is_cheap ? std::nullopt : std::optional{range});
      if (!match) break;
      auto some = all(db_.select(query, condition_.between({*match, range.from, range.before},
                                                           limit - found.size())),
                      read_file);
      std::ranges::move(some, std::back_inserter(found));
    }
    return found;
  }

  [[nodiscard]] FileId oldest_entry() const {
    static const Query of_owner = select(number("min(f.id)"), "from files f where f.owner_id = ?");
    static const Query of_all = select(number("min(f.id)"), "from files f");
    const auto lowest = owner_ ? one(db_.select(of_owner, {*owner_}), read_maybe_id)
                               : one(db_.select(of_all, {}), read_maybe_id);
    return lowest.value_or(std::nullopt).value_or(FileId{});
  }

  Connection& db_;
  const NameQuery& query_;
  Condition condition_;
  std::optional<UserId> owner_;
  std::size_t looks_;
};

/// Small trees together; none if they are large.
std::optional<std::vector<FileEntry>> find_in_trees(Connection& db, const NameQuery& query,
                                                    std::span<const FileId> trees, FileId before,
                                                    std::size_t limit) {
  ValueList list(trees);
  const auto below = with_list(kBelow, list.sql);
  auto arguments = list.arguments;
  arguments.emplace_back(kSmallTree + 1);
  const auto size =
      db.number(below + " select count(*) from (select id from t limit ?) s", arguments);
  if (size.value_or(0) > kSmallTree) return std::nullopt;
  const Condition condition(db.dialect(), query);
  list.arguments.emplace_back(before);
  const auto matching = select(below, kFileColumns,
                               "from t join files f on f.id = t.id where f.id < ? and " +
                                   condition.sql() + " order by f.id desc limit ?");
  return all(db.select(matching, condition.between(list.arguments, limit)), read_file);
}

std::vector<UserId> owners_of(Connection& db, std::span<const FileId> files) {
  const ValueList list(files);
  return all(db.select(select(number("distinct f.owner_id"),
                              "from files f where f.id in (" + list.sql + ")"),
                       list.arguments),
             read_number<UserId>);
}

} // namespace

Result<std::vector<FileEntry>> SqlSearch::matches(const NameQuery& query, const SearchSpace& space,
                                                  const std::optional<FileId>& before,
                                                  std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    const FileId first = before.value_or(FileId{std::numeric_limits<std::int64_t>::max()});
    if (space.all_homes) return HomeSearch(db_, query, std::nullopt, kLookedAt).find(first, limit);
    auto owners = space.owners;
    std::vector<FileEntry> found;
    if (!space.trees.empty()) {
      if (auto some = find_in_trees(db_, query, space.trees, first, limit))
        found = *std::move(some);
      else
        std::ranges::copy(owners_of(db_, space.trees), std::back_inserter(owners));
    }
    std::ranges::sort(owners);
    owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
    const auto looks =
        std::max(kFewestLookedAt, kLookedAt / std::max<std::size_t>(owners.size(), 1));
    for (const UserId owner : owners) {
      auto some = HomeSearch(db_, query, owner, looks).find(first, limit);
      std::ranges::move(some, std::back_inserter(found));
    }
    std::ranges::sort(found, std::ranges::greater{}, &FileEntry::id);
    const auto is_same = [](const FileEntry& a, const FileEntry& b) { return a.id == b.id; };
    found.erase(std::unique(found.begin(), found.end(), is_same), found.end());
    if (found.size() > limit)
      found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
    return found;
  });
}

Result<std::vector<FileEntry>> SqlSearch::ways_up(std::span<const FileId> files) const {
  if (files.empty()) return std::vector<FileEntry>{};
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    const ValueList list(files);
    // A tree that was taken from its home ends in a name that is none.
    const auto query =
        select("with recursive up as (select f.* from files f where f.id in (" + list.sql +
                   ") union select f.* from up join files f on f.id = up.parent_id)",
               kFileColumns, "from up f where substr(f.name, 1, 1) <> '/'");
    return all(db_.select(query, list.arguments), read_file);
  });
}

} // namespace baluhost::sql
