#include "search/name_terms.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>

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

void add_terms(std::string_view word, std::vector<std::string>& terms) {
  const auto letters = characters(word);
  if (letters.size() < kGram) terms.emplace_back(word);
  for (std::size_t i = 0; i + kGram <= letters.size(); ++i)
    terms.push_back(letters[i] + letters[i + 1] + letters[i + 2]);
}

struct CountedTerm {
  std::string term;
  std::size_t count{};
  bool is_short{};
};

} // namespace

std::vector<std::string> rarest_terms(const NameQuery& query, std::span<const std::string> sample,
                                      std::size_t most) {
  std::vector<std::string> terms;
  if (query.part == NameQuery::Part::whole_name)
    add_terms(kKeyBegin + query.text + kKeyEnd, terms);
  else if (query.part == NameQuery::Part::beginning)
    add_terms(kKeyBegin + query.text, terms);
  else
    for (const auto& word : query.words) add_terms(word, terms);
  std::ranges::sort(terms);
  terms.erase(std::unique(terms.begin(), terms.end()), terms.end());

  std::vector<CountedTerm> counted;
  for (auto& term : terms) {
    const auto count =
        static_cast<std::size_t>(std::ranges::count_if(sample, [&](const std::string& key) {
          return (kKeyBegin + key + kKeyEnd).find(term) != std::string::npos;
        }));
    counted.push_back({term, count, code_points(term) < kGram});
  }
  std::ranges::stable_sort(counted, [](const CountedTerm& a, const CountedTerm& b) {
    return a.count != b.count ? a.count < b.count : a.is_short < b.is_short;
  });
  // A short one is looked up as all that begin with it: where there is a long one, one is enough.
  std::vector<std::string> rarest;
  for (const auto& one : counted)
    if (rarest.size() < most && (!one.is_short || rarest.empty())) rarest.push_back(one.term);
  return rarest;
}

} // namespace baluhost::sql
