#include "name_index.hpp"

#include "baluhost/domain/text.hpp"
#include "connections/native.hpp"

#include <cstdint>
#include <set>
#include <vector>

// FTS5 knows tokens of three characters. The text of an entry begins with three that stand for the
// owner, in Unicode's area for private use, so that nobody else's names are read; and it ends with
// two that begin no name, so that every character of a name begins a token: words of one or two
// letters are looked up as all tokens that begin with them. The triggers of the schema write the
// same, to a table of changes that wait for the index until they are many; searches read it too.
namespace baluhost::sqlite {
namespace {

constexpr char32_t kPrivateUse = 0xE000;

std::string token_of(UserId owner) {
  std::string token;
  for (const int shift : {24, 12, 0})
    append_code_point(token, kPrivateUse + static_cast<char32_t>(owner.value >> shift & 0xFFF));
  return token;
}

std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// All tokens that begin with `start`, one or the other; none if there are none.
std::optional<std::string> tokens_with(sql::Connection& db, const std::string& start) {
  static const sql::Query query = sql::select(
      sql::text("term"), "from files_search_terms where term >= ? and term < ? order by term");
  std::string end = start;
  append_code_point(end, 0x10FFFF);
  std::string any;
  auto cursor = db.select(query, {start, end});
  while (cursor.next()) {
    if (!any.empty()) any += " OR ";
    any += in_quotes(cursor.row().text());
  }
  if (any.empty()) return std::nullopt;
  return '(' + any + ')';
}

/// How many entries a search for `term` finds. It comes to them by another table than one that goes
/// through the whole index.
std::int64_t found_by_index(sql::Connection& db, const std::string& term) {
  if (term.empty()) return 0;
  static const sql::Query query =
      sql::select(sql::number("count(*)"), "from files_search s where s.files_search match ?");
  const auto match = in_quotes(term);
  return one(db.select(query, {match}), sql::read_number<std::int64_t>).value_or(0);
}

/// A sum over pairs of a term and an id, in any order.
class Sum {
 public:
  void add(std::string_view term, std::int64_t id) noexcept { value_ += hash_of(term, id); }
  void take_out(std::string_view term, std::int64_t id) noexcept { value_ -= hash_of(term, id); }
  bool operator==(const Sum&) const = default;

 private:
  static std::uint64_t hash_of(std::string_view term, std::int64_t id) noexcept {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const char c : term) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    hash = (hash ^ static_cast<std::uint64_t>(id)) * 0x9E3779B97F4A7C15;
    return (hash ^ hash >> 29) * 0xBF58476D1CE4E5B9;
  }

  std::uint64_t value_{0};
};

/// Each three characters of `text` once.
std::set<std::string_view> tokens_of(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
  starts.push_back(text.size());
  std::set<std::string_view> tokens;
  for (std::size_t i = 0; i + 3 < starts.size(); ++i)
    tokens.insert(text.substr(starts[i], starts[i + 3] - starts[i]));
  return tokens;
}

/// All of the index, if a search finds each of its terms as often as the index has it.
std::optional<Sum> sum_of_index(sql::Connection& db) {
  run_script(db,
             "create virtual table temp.files_search_entries using fts5vocab(main, "
             "files_search, instance)");
  Sum indexed;
  static const sql::Query entries =
      sql::select(sql::text("term") + sql::number("doc"), "from temp.files_search_entries");
  std::string term;
  std::int64_t count = 0;
  auto entry = db.select(entries);
  while (entry.next()) {
    sql::Row row = entry.row();
    std::string next = row.text();
    if (next != term) {
      if (count != found_by_index(db, term)) return std::nullopt;
      count = 0;
      term = std::move(next);
    }
    indexed.add(term, row.number());
    ++count;
  }
  if (count != found_by_index(db, term)) return std::nullopt;
  return indexed;
}

/// Adds what is still to come into the index.
void add_changes(sql::Connection& db, Sum& indexed) {
  // A copy of an earlier version has no such table.
  if (!db.number("select 1 from sqlite_master where name = 'files_search_changes'")) return;
  static const sql::Query changes =
      sql::select(sql::flag("is_removal") + sql::number("file_id") + sql::text("key"),
                  "from files_search_changes");
  for (auto change = db.select(changes); change.next();) {
    sql::Row row = change.row();
    const bool is_removal = row.flag();
    const auto id = row.number();
    const std::string text = row.text();
    for (const auto token : tokens_of(text))
      is_removal ? indexed.take_out(token, id) : indexed.add(token, id);
  }
}

/// What the index is to hold.
Sum sum_of_names(sql::Connection& db) {
  Sum expected;
  static const sql::Query keys = sql::select(
      sql::number("id", "owner_id") + sql::text("search_key"), "from files where search_key <> ''");
  auto key = db.select(keys);
  while (key.next()) {
    sql::Row row = key.row();
    const auto id = row.number();
    const UserId owner{row.number()};
    const auto text = token_of(owner) + '\x02' + row.text() + "\x03\x03";
    for (const auto token : tokens_of(text)) expected.add(token, id);
  }
  return expected;
}

} // namespace

bool has_changed_names(sql::Connection& db) {
  return db.number("select 1 from files_search_changes limit 1").has_value();
}

/// They are numbered from 1 on.
bool has_many_changed_names(sql::Connection& db, std::size_t count) {
  return db
      .number("select 1 from files_search_changes where number >= ? limit 1",
              {static_cast<std::int64_t>(count)})
      .has_value();
}

void index_changed_names(sql::Connection& db) {
  db.execute(
      "insert into files_search (files_search, rowid, key) select case is_removal when 1 then "
      "'delete' end, file_id, key from files_search_changes order by number");
  db.execute("delete from files_search_changes");
}

bool is_name_index_right(sql::Connection& db) {
  auto indexed = sum_of_index(db);
  if (!indexed) return false;
  add_changes(db, *indexed);
  return *indexed == sum_of_names(db);
}

// What is damaged may not even be dropped in order, so it is taken out of the schema; what is left
// of it are tables like others.
void rebuild_name_index(sql::Connection& db) {
  run_script(db,
             "pragma writable_schema = on;"
             "delete from sqlite_master where name in ('files_search', 'files_search_terms')"
             " and sql like 'create virtual table %';"
             "pragma writable_schema = reset;"
             "drop table if exists files_search_data;"
             "drop table if exists files_search_idx;"
             "drop table if exists files_search_config;"
             "create virtual table files_search using fts5(key, content='', columnsize=0, "
             "detail=none, tokenize='trigram case_sensitive 1');"
             "create virtual table files_search_terms using fts5vocab(files_search, row);" +
                 std::string{fill_name_index()});
}

std::string_view fill_name_index() noexcept {
  return "delete from files_search_changes; "
         "insert into files_search (files_search) values ('delete-all'); "
         "insert into files_search (rowid, key) select id, char(57344 + (owner_id >> 24 & 4095), "
         "57344 + (owner_id >> 12 & 4095), 57344 + (owner_id & 4095), 2) || search_key || "
         "char(3, 3) from files where search_key <> ''";
}

std::optional<std::string> name_match(sql::Connection& db, std::span<const std::string> terms,
                                      std::optional<UserId> owner) {
  std::string match = owner ? in_quotes(token_of(*owner)) : "";
  for (const auto& term : terms) {
    const auto part =
        code_points(term) < 3 ? tokens_with(db, term) : std::optional{in_quotes(term)};
    if (!part) return std::nullopt;
    match += (match.empty() ? "" : " AND ") + *part;
  }
  return match;
}

} // namespace baluhost::sqlite
