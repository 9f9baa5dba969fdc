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

constexpr std::size_t kLookedAt = 10'000;
constexpr std::size_t kFewestLookedAt = 500;
constexpr std::size_t kSamplePlaces = 8;
constexpr std::size_t kSampleOfPlace = 32;
constexpr std::size_t kMostTerms = 3;

/// Where a lookup reads all that have the terms, and more have them than these, it is made range by
/// range, the newest first.
constexpr std::int64_t kReadAtOnce = 5'000;
constexpr std::int64_t kLookupIds = 16'384; ///< of which PostgreSQL's index knows the place
constexpr std::int64_t kMostLookups = 64;
constexpr std::int64_t kMostSteps = 8;
constexpr std::size_t kLittle = 100; ///< of what a lookup brings: the next looks at more ids
constexpr int kUnasked = 3;

/// Some names of a range tell whether a look at each of them is faster.
constexpr std::int64_t kRangePlaces = 4;
constexpr std::int64_t kSampleOfRangePlace = 64;
constexpr std::int64_t kManyOfSample = 8; ///< of all places together

/// Of a tree that is walked whole; larger ones are looked for in their homes.
constexpr std::int64_t kSmallTree = 5'000;

const std::string kBelow =
    "with recursive t(id) as (select id from files where id in (?) union"
    " select f.id from t join files f on f.parent_id = t.id)";

std::string with_list(std::string sql, const std::string& list) {
  return sql.replace(sql.find("(?)"), 3, '(' + list + ')');
}

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

  /// `before`, and these.
  [[nodiscard]] Arguments after(Arguments before) const {
    before.insert(before.end(), arguments_.begin(), arguments_.end());
    return before;
  }

  /// `before`, these, and `limit`.
  [[nodiscard]] Arguments between(Arguments before, std::size_t limit) const {
    auto arguments = after(std::move(before));
    arguments.emplace_back(sql_limit(limit));
    return arguments;
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

/// Leaves the newest `limit` of them, each once, the greatest id first.
void newest_of(std::vector<FileEntry>& found, std::size_t limit) {
  std::ranges::sort(found, std::ranges::greater{}, &FileEntry::id);
  const auto is_same = [](const FileEntry& a, const FileEntry& b) { return a.id == b.id; };
  found.erase(std::unique(found.begin(), found.end(), is_same), found.end());
  if (found.size() > limit)
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
}

/// Where the last part of a range from `oldest` on begins; parts have `step` ids, the first fewer.
FileId start_of_part(const Dialect::IdRange& range, FileId oldest, std::int64_t step) {
  if (range.before.value <= step) return oldest;
  return std::max(oldest, FileId{(range.before.value - 1) / step * step});
}

/// One home, or all of them.
class HomeSearch {
 public:
  HomeSearch(Connection& db, const NameQuery& query, std::optional<UserId> owner, std::size_t looks)
      : db_(db), query_(query), condition_(db.dialect(), query), owner_(owner), looks_(looks) {
    if (owner_) condition_.add("f.owner_id = ?", *owner_);
  }

  [[nodiscard]] std::vector<FileEntry> find(FileId before, std::size_t limit) const {
    const auto there = entries();
    before = std::min(before, there.before);
    std::vector<FileEntry> found;
    // Few names are the query itself or begin with it: a look would find next to none.
    if (query_.part == NameQuery::Part::all || query_.part == NameQuery::Part::rest) {
      // SQLite would put all of the newest into a table of its own first; their end costs it less.
      const bool is_remote = db_.dialect().is_remote();
      if (is_remote) found = look_at_newest(before, limit);
      if (is_remote && found.size() == limit) return found;
      const auto last = last_of_newest(before);
      if (!is_remote) found = look({last.value_or(there.from), before}, limit);
      if (found.size() == limit || !last) return found;
      before = *last;
    }
    auto more = look_up({there.from, before}, limit - found.size());
    std::ranges::move(more, std::back_inserter(found));
    return found;
  }

 private:
  [[nodiscard]] std::string where_home() const {
    return owner_ ? "from files f where f.owner_id = ? and " : "from files f where ";
  }
  [[nodiscard]] Arguments home(std::initializer_list<Argument> more) const {
    Arguments arguments;
    if (owner_) arguments.emplace_back(*owner_);
    arguments.insert(arguments.end(), more);
    return arguments;
  }

  /// All that the home has.
  [[nodiscard]] Dialect::IdRange entries() const {
    const auto end = [&](const char* which) {
      const auto query = select(number(which), where_home() + "true");
      return one(db_.select(query, home({})), [](Row& row) { return row.maybe<FileId>(); })
          .value_or(std::nullopt);
    };
    const auto newest = end("max(f.id)");
    return newest ? Dialect::IdRange{end("min(f.id)").value_or(FileId{}), FileId{newest->value + 1}}
                  : Dialect::IdRange{};
  }

  /// The last of those that are looked at; none if no entry is left after them.
  [[nodiscard]] std::optional<FileId> last_of_newest(FileId before) const {
    const auto query =
        select(number("f.id"), where_home() + "f.id < ? order by f.id desc limit 1 offset ?");
    return one(db_.select(query, home({before, sql_limit(looks_ - 1)})), read_number<FileId>);
  }

  /// What matches of those that are looked at: no more are read than it takes to find `limit`.
  [[nodiscard]] std::vector<FileEntry> look_at_newest(FileId before, std::size_t limit) const {
    const auto query = select(kFileColumns, "from (select f.* " + where_home() +
                                                "f.id < ? order by f.id desc limit ?) f where " +
                                                condition_.sql() + " order by f.id desc limit ?");
    return all(db_.select(query, condition_.between(home({before, sql_limit(looks_)}), limit)),
               read_file);
  }

  [[nodiscard]] std::vector<FileEntry> look(const Dialect::IdRange& range,
                                            std::size_t limit) const {
    const auto query = select(kFileColumns, "from files f where f.id >= ? and f.id < ? and " +
                                                condition_.sql() + " order by f.id desc limit ?");
    return all(db_.select(query, condition_.between({range.from, range.before}, limit)), read_file);
  }

  /// Some keys from all over it: a word may be rare among new names and common among old ones.
  [[nodiscard]] std::vector<std::string> sample_keys(const Dialect::IdRange& range) const {
    std::string places;
    Arguments arguments;
    for (std::size_t i = 0; i < kSamplePlaces; ++i) {
      places += concat(i == 0 ? "from (" : " union all ", "select * from (select f.search_key ",
                       where_home(), "f.id < ? order by f.id desc limit ?) s", i);
      const auto part = (range.before.value - range.from.value) / std::int64_t{kSamplePlaces};
      if (owner_) arguments.emplace_back(*owner_);
      arguments.emplace_back(range.before.value - static_cast<std::int64_t>(i) * part);
      arguments.emplace_back(sql_limit(kSampleOfPlace));
    }
    return all(db_.select(select(text("s.search_key"), places + ") s"), arguments),
               read_text<std::string>);
  }

  /// In the index, and among what waits for it. One that has waited there since it was renamed may
  /// be in both. Where the index is damaged, every name is looked at, which takes its time.
  [[nodiscard]] std::vector<FileEntry> look_up(const Dialect::IdRange& range,
                                               std::size_t limit) const {
    std::vector<FileEntry> found;
    try {
      found = look_up_indexed(range, limit);
    } catch (const soci::soci_error& error) {
      if (!db_.dialect().is_index_damage(error)) throw;
      return look(range, limit);
    }
    const auto query = db_.dialect().waiting_names(kFileColumns, condition_.sql());
    if (!query) return found;
    auto waiting =
        all(db_.select(*query, condition_.between({range.from, range.before}, limit)), read_file);
    if (waiting.empty()) return found;
    std::ranges::move(waiting, std::back_inserter(found));
    newest_of(found, limit);
    return found;
  }

  [[nodiscard]] std::vector<FileEntry> look_up_indexed(Dialect::IdRange range,
                                                       std::size_t limit) const {
    const auto terms = rarest_terms(query_, sample_keys(range), kMostTerms);
    const auto read = db_.dialect().names_read(db_, terms, owner_);
    const bool is_whole = read && *read <= kReadAtOnce;
    const auto oldest = range.from;
    const auto step =
        kLookupIds * ((range.before.value - oldest.value) / kLookupIds / kMostLookups + 1);
    std::int64_t steps = 1;
    int unasked = 0; // parts for which it is not asked whether they can be passed over
    std::vector<FileEntry> found;
    for (; range.before > oldest && found.size() < limit; range.before = range.from) {
      range.from = is_whole ? oldest : range.before;
      if (!is_whole && unasked-- == 0) {
        range.from = db_.dialect().few_from(db_, terms, owner_, {oldest, range.before});
        unasked = range.from < range.before ? 0 : kUnasked;
      }
      const bool has_few = range.from < range.before;
      bool has_many = false;
      if (!has_few) {
        range.from = start_of_part(range, oldest, step * steps);
        has_many = steps == 1 && matches_many(range);
        if (has_many) range.from = start_of_part(range, oldest, kLookupIds);
      }
      const auto wanted = limit - found.size();
      auto some = has_many ? std::optional{look(range, wanted)}
                           : look_up_terms(terms, range, is_whole, wanted);
      if (!some) break;
      steps = has_few || some->size() >= kLittle ? 1 : std::min(2 * steps, kMostSteps);
      std::ranges::move(*some, std::back_inserter(found));
    }
    return found;
  }

  /// What the index has of `range`; of all that it has where the range is whole. None: no name has
  /// the terms, in whatever range.
  [[nodiscard]] std::optional<std::vector<FileEntry>> look_up_terms(
      std::span<const std::string> terms, const Dialect::IdRange& range, bool is_whole,
      std::size_t limit) const {
    const auto matches = db_.dialect().name_matches(db_, terms, owner_,
                                                    is_whole ? std::nullopt : std::optional{range});
    if (matches.empty()) return std::nullopt;
    const auto query = db_.dialect().name_lookup(kFileColumns, condition_.sql(), matches.size());
    Arguments arguments(matches.begin(), matches.end());
    arguments.emplace_back(range.from);
    arguments.emplace_back(range.before);
    return all(db_.select(query, condition_.between(arguments, limit)), read_file);
  }

  /// Is it so many of `range` that each of its names is looked at sooner than PostgreSQL's index
  /// has brought all that it finds there?
  [[nodiscard]] bool matches_many(const Dialect::IdRange& range) const {
    if (!db_.dialect().is_remote()) return false;
    std::string places;
    Arguments arguments;
    for (std::int64_t i = 0; i < kRangePlaces; ++i) {
      places += concat(i == 0 ? "" : " union all ",
                       "select * from (select f.* from files f where "
                       "f.id >= ? and f.id < ? order by f.id desc limit ?) s",
                       i);
      arguments.emplace_back(range.from);
      arguments.emplace_back(range.before.value -
                             i * (range.before.value - range.from.value) / kRangePlaces);
      arguments.emplace_back(kSampleOfRangePlace);
    }
    const auto count =
        db_.number("select count(*) from (" + places + ") f where " + condition_.sql(),
                   condition_.after(std::move(arguments)));
    return count.value_or(0) >= kManyOfSample;
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
    newest_of(found, limit);
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
