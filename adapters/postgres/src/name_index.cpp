#include "name_index.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/sql_common/value_list.hpp"

#include <algorithm>
#include <utility>
#include <vector>

// The index has text search vectors: every three letters that follow each other in a key, with one
// before and two after it, so that each letter of a name begins three; the home, so that nobody
// else's names are read; and the place of the id among all ids, by which a word that very many
// names have is looked up range by range, since a GIN index returns all that it finds or nothing.
// These two begin with what no three letters are longer than. Not pg_trgm: that ignores all that is
// no letter in the database's locale, which is every letter beyond ASCII in "C", and knows no words
// of one or two letters.
namespace baluhost::postgres {
namespace {

constexpr int kRangeBits = 14; ///< as in the function of the schema

/// Names that the index finds are counted up to the first, if there may be as many as the second.
constexpr std::int64_t kCounted = 5'000;
constexpr std::int64_t kCountable = 20'000;

std::string lexeme(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + '\'';
}

/// `any of these`, as a query.
std::string any_of(std::span<const std::string> lexemes) {
  std::string any;
  for (const auto& one : lexemes) any += concat(any.empty() ? "" : " | ", lexeme(one));
  return any;
}

/// Columns of the statistics of lexemes, where there are any: the most common ones and how frequent
/// they are, and then how frequent the rarest of these is.
constexpr auto kKnown =
    "with known as (select cast(cast(most_common_elems as text) as text[]) as elems,"
    " most_common_elem_freqs as freqs from pg_stats where schemaname = current_schema()"
    " and tablename = 'files_search' and most_common_elems is not null)";

/// The most common that begin with `start`; none if nothing is known.
std::optional<std::vector<std::string>> common_with(sql::Connection& db, const std::string& start) {
  static const sql::Query query =
      sql::select(kKnown, sql::text("l.lexeme"),
                  "from (select '' as lexeme from known union all select e from known,"
                  " unnest(elems) e where starts_with(e, ?)) l order by l.lexeme");
  auto lexemes = sql::all(db.select(query, {start}), sql::read_text<std::string>);
  if (lexemes.empty()) return std::nullopt;
  lexemes.erase(lexemes.begin()); // that there are statistics
  return lexemes;
}

/// By the statistics: as many as have the rarest of the terms, and of these the home's part.
std::optional<std::int64_t> most_names(sql::Connection& db, std::span<const std::string> terms,
                                       std::optional<UserId> owner) {
  std::vector<std::string> whole;
  for (const auto& term : terms)
    if (code_points(term) >= 3) whole.push_back(term);
  if (whole.empty()) return std::nullopt;
  const sql::ValueList list{std::span<const std::string>(whole)};
  const std::string home = owner ? concat('#', owner->value) : "";
  auto arguments = list.arguments;
  arguments.emplace_back(home);
  return db.number(
      concat(kKnown,
             " select cast(c.reltuples * (select min(coalesce(k.freqs[array_position(k.elems, t)],"
             " k.freqs[cardinality(k.elems) + 1])) from unnest(array[",
             list.sql,
             "]) t) * coalesce(k.freqs[array_position(k.elems, ?)], 1) as bigint)"
             " from known k, pg_class c where c.oid = to_regclass('files') and c.reltuples > 0"),
      arguments);
}

} // namespace

std::string indexed_names(std::size_t matches) {
  std::string condition;
  for (std::size_t i = 0; i < matches; ++i)
    condition +=
        concat(i == 0 ? "" : " and ",
               "baluhost_name_grams(f.search_key, f.owner_id, f.id) @@ cast(? as tsquery)");
  return condition;
}

// Each is a condition of its own. Of one with `&` the index goes through all that has its rarest
// part; of several it goes from each straight to the next that the others have, so that a range, or
// a pair of words, without a match costs next to nothing.
std::vector<std::string> name_matches(std::span<const std::string> terms,
                                      std::optional<UserId> owner,
                                      const std::optional<sql::Dialect::IdRange>& range) {
  std::vector<std::string> matches;
  if (owner) matches.push_back(concat("'#", owner->value, "'"));
  for (const auto& term : terms)
    matches.push_back(concat(lexeme(term), code_points(term) < 3 ? ":*" : ""));
  if (!range) return matches;
  std::vector<std::string> places;
  const auto last = (range->before.value - 1) >> kRangeBits;
  for (auto i = range->from.value >> kRangeBits; i <= last; ++i) places.push_back(concat("~", i));
  matches.push_back(any_of(places));
  return matches;
}

// Place by place, the newest first, the index is asked for the most common lexemes alone: where
// these are not, few names match. That is one statement, where a lookup of each place would be one
// and would, for a word of one or two letters, begin with all that has it.
FileId few_from(sql::Connection& db, std::span<const std::string> terms,
                std::optional<UserId> owner, const sql::Dialect::IdRange& range) {
  std::vector<std::string> matches;
  if (owner) matches.push_back(concat("'#", owner->value, "'"));
  for (const auto& term : terms) {
    if (code_points(term) >= 3) {
      matches.push_back(lexeme(term));
      continue;
    }
    const auto common = common_with(db, term);
    if (!common) return range.before;
    if (common->empty()) return range.from;
    matches.push_back(any_of(*common));
  }
  sql::Arguments arguments{(range.before.value - 1) >> kRangeBits, range.from.value >> kRangeBits};
  arguments.insert(arguments.end(), matches.begin(), matches.end());
  const auto place = db.number(
      concat("select p.place from generate_series(cast(? as bigint), cast(? as bigint), -1)"
             " p(place) where exists (with found as materialized (select 1 from files f where ",
             indexed_names(matches.size()),
             " and baluhost_name_grams(f.search_key, f.owner_id, f.id) @@"
             " cast('''~' || p.place || '''' as tsquery)) select 1 from found) limit 1"),
      arguments);
  if (!place) return range.from;
  return std::clamp(FileId{(*place + 1) << kRangeBits}, range.from, range.before);
}

// The statistics hold how frequent the most common lexemes are; others are rarer than those. Of a
// word of one or two letters, which is a part of many threes, they say nothing. That is the most
// there can be: where several have to be together, there are often far fewer, which the index knows
// for what it costs to read it.
std::optional<std::int64_t> names_read(sql::Connection& db, std::span<const std::string> terms,
                                       std::optional<UserId> owner) {
  const auto most = most_names(db, terms, owner);
  if (!most || *most <= kCounted || *most > kCountable) return most;
  const auto matches = name_matches(terms, owner, std::nullopt);
  sql::Arguments arguments(matches.begin(), matches.end());
  arguments.emplace_back(kCounted + 1);
  return db.number(concat("with found as materialized (select 1 from files f where ",
                          indexed_names(matches.size()),
                          ") select count(*) from (select 1 from found limit ?) s"),
                   arguments);
}

} // namespace baluhost::postgres
