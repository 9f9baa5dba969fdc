#include "search/name_terms.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <tuple>

namespace baluhost::sql {
namespace {

constexpr std::size_t kGram = 3;

/// The characters of valid UTF-8.
std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> found;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80 || found.empty()) found.emplace_back();
    found.back() += c;
  }
  return found;
}

struct Term {
  std::string text;
  std::size_t word{}; ///< that it is of
  bool is_short{};
  std::ptrdiff_t count{};
};

void add_terms(std::string_view word, std::size_t number, std::vector<Term>& terms) {
  const auto letters = characters(word);
  if (letters.size() < kGram)
    terms.push_back({.text = std::string{word}, .word = number, .is_short = true});
  for (std::size_t i = 0; i + kGram <= letters.size(); ++i)
    terms.push_back({.text = letters[i] + letters[i + 1] + letters[i + 2], .word = number});
}

} // namespace

std::vector<std::string> rarest_terms(const NameQuery& query, std::span<const std::string> sample,
                                      std::size_t most) {
  std::vector<Term> terms;
  if (query.part == NameQuery::Part::whole_name)
    add_terms(kKeyBegin + query.text + kKeyEnd, 0, terms);
  else if (query.part == NameQuery::Part::beginning)
    add_terms(kKeyBegin + query.text, 0, terms);
  else
    for (std::size_t i = 0; i < query.words.size(); ++i) add_terms(query.words[i], i, terms);
  for (auto& term : terms)
    term.count = std::ranges::count_if(sample, [&](const std::string& key) {
      return (kKeyBegin + key + kKeyEnd).find(term.text) != std::string::npos;
    });
  std::ranges::sort(terms, [](const Term& a, const Term& b) {
    return std::tie(a.count, a.is_short, a.text, a.word) <
           std::tie(b.count, b.is_short, b.text, b.word);
  });
  std::vector<std::string> rarest;
  std::vector<std::size_t> words; // those of one word say much the same, so each word has one first
  enum class Turn { first_of_each_word, further };
  const auto take = [&](const Term& term, Turn turn) {
    const bool is_first = turn == Turn::first_of_each_word;
    const bool is_known = std::ranges::find(rarest, term.text) != rarest.end();
    if (rarest.size() == most || is_known) return;
    if (is_first && std::ranges::find(words, term.word) != words.end()) return;
    // A short one is looked up as all that begin with it: where there is a long one, one is enough.
    if (term.is_short && !rarest.empty()) return;
    // One that most names have costs more than it keeps out.
    const bool is_common = 5 * term.count > 2 * static_cast<std::ptrdiff_t>(sample.size());
    if (is_common && !is_first) return;
    rarest.push_back(term.text);
    words.push_back(term.word);
  };
  for (const auto& term : terms) take(term, Turn::first_of_each_word);
  for (const auto& term : terms) take(term, Turn::further);
  return rarest;
}

} // namespace baluhost::sql
