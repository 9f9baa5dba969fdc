#include "name_index.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/sql_common/value_list.hpp"

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

std::string lexeme(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += c;
    quoted += c;
  }
  return quoted + '\'';
}

} // namespace

std::string name_match(std::span<const std::string> terms, std::optional<UserId> owner,
                       const std::optional<sql::Dialect::IdRange>& range) {
  std::string match = owner ? concat("'#", owner->value, "'") : "";
  for (const auto& term : terms)
    match += concat(match.empty() ? "" : " & ", lexeme(term), code_points(term) < 3 ? ":*" : "");
  if (!range) return match;
  match += " & (";
  const auto last = (range->before.value - 1) >> kRangeBits;
  for (auto i = range->from.value >> kRangeBits; i <= last; ++i)
    match += concat("'~", i, i < last ? "' | " : "')");
  return match;
}

// The statistics hold how frequent the most common lexemes are; others are rarer than those. Of a
// word of one or two letters, which is a part of many threes, they say nothing.
std::optional<std::int64_t> names_read(sql::Connection& db, std::span<const std::string> terms,
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
      "with known as (select cast(cast(most_common_elems as text) as text[]) as elems,"
      " most_common_elem_freqs as freqs from pg_stats where schemaname = current_schema()"
      " and tablename = 'files_search' and most_common_elems is not null)"
      " select cast(c.reltuples"
      " * (select min(coalesce(k.freqs[array_position(k.elems, t)],"
      " k.freqs[cardinality(k.elems) + 1])) from unnest(array[" +
          list.sql +
          "]) t)"
          " * coalesce(k.freqs[array_position(k.elems, ?)], 1) as bigint)"
          " from known k, pg_class c where c.oid = to_regclass('files') and c.reltuples > 0",
      arguments);
}

} // namespace baluhost::postgres
