#include "baluhost/domain/files/name_query.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>

namespace baluhost {
namespace {

constexpr std::size_t kMostCharacters = 255;

} // namespace

std::string search_key(std::string_view text) {
  auto key = fold_for_search(text);
  return key.empty() ? std::string{text} : key;
}

Result<NameQuery> NameQuery::parse(std::string_view text) {
  if (code_points(text) > kMostCharacters) return invalid("has 255 characters at most");
  if (!has_letter_or_digit(text)) return invalid("has to have a letter or digit in it");
  NameQuery query;
  const std::string key = search_key(text);
  for (std::size_t at = 0; at < key.size();) {
    const auto end = std::min(key.find(' ', at), key.size());
    if (end > at) {
      const auto word = key.substr(at, end - at);
      query.text += query.text.empty() ? word : ' ' + word;
      if (std::ranges::find(query.words, word) == query.words.end()) query.words.push_back(word);
    }
    at = end + 1;
  }
  return query;
}

NameQuery::Part NameQuery::part_of(std::string_view key) const noexcept {
  if (!key.starts_with(text)) return Part::rest;
  return key.size() == text.size() ? Part::whole_name : Part::beginning;
}

bool NameQuery::matches(const FileEntry& entry) const {
  if (kind && entry.kind != *kind) return false;
  if (modified_from && entry.modified_at < *modified_from) return false;
  if (modified_to && entry.modified_at >= *modified_to) return false;
  if ((min_size || max_size) && !entry.content) return false;
  if (min_size && entry.content->size < *min_size) return false;
  if (max_size && entry.content->size > *max_size) return false;
  const auto key = search_key(entry.name.str());
  if (part != Part::all && part != part_of(key)) return false;
  return std::ranges::all_of(
      words, [&](const std::string& word) { return key.find(word) != std::string::npos; });
}

} // namespace baluhost
