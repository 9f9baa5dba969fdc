#include "search/search_position.hpp"

#include "baluhost/core/page.hpp"
#include "baluhost/domain/concat.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <tuple>

namespace baluhost {
namespace {

bool is_part_of_word(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/// Whether `word` stands in `key` where a word begins.
bool begins_a_word(std::string_view key, std::string_view word) noexcept {
  for (auto at = key.find(word); at != std::string_view::npos; at = key.find(word, at + 1))
    if (at == 0 || !is_part_of_word(key[at - 1])) return true;
  return false;
}

/// The number from 0 to `most` at the front of `text`, which is taken off with the blank after it.
std::optional<std::int64_t> take_number(std::string_view& text, std::int64_t most) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest == end || *rest != ' ') return std::nullopt;
  if (number < 0 || number > most) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()) + 1);
  return number;
}

std::optional<FileId> id_of(std::int64_t value) {
  return value > 0 ? std::optional{FileId{value}} : std::nullopt;
}

} // namespace

Relevance relevance_of(const NameQuery& query, std::string_view key) noexcept {
  const auto part = query.part_of(key);
  if (part == NameQuery::Part::whole_name) return Relevance::whole_name;
  if (part == NameQuery::Part::beginning) return Relevance::beginning;
  const bool begins = std::ranges::all_of(
      query.words, [&](const std::string& word) { return begins_a_word(key, word); });
  return begins ? Relevance::words : Relevance::inside;
}

std::string SearchPosition::key() const {
  return concat(static_cast<int>(window.part), " ", window.from ? window.from->value : 0, " ",
                window.to ? window.to->value : 0, " ", static_cast<int>(relevance), " ", path);
}

Result<SearchPosition> SearchPosition::parse(std::string_view key) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  const auto part = take_number(key, static_cast<std::int64_t>(NameQuery::Part::rest));
  const auto from = take_number(key, kMost);
  const auto to = take_number(key, kMost);
  const auto relevance = take_number(key, static_cast<std::int64_t>(Relevance::inside));
  if (!part || !from || !to || !relevance) return invalid_cursor();
  return SearchPosition{.window = {.part = static_cast<NameQuery::Part>(*part),
                                   .from = id_of(*from),
                                   .to = id_of(*to)},
                        .relevance = static_cast<Relevance>(*relevance),
                        .path = std::string{key}};
}

bool comes_before(const SearchPosition& a, const SearchPosition& b) noexcept {
  return std::tie(a.relevance, a.path) < std::tie(b.relevance, b.path);
}

} // namespace baluhost
