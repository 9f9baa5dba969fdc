#include "fields/accept.hpp"

#include "fields/http_names.hpp"

#include <optional>

namespace baluhost::http {
namespace {

/// Whether an element's parameters say that it is not taken: a weight of 0, with all its digits.
bool is_refused(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    auto weight = trimmed(take_until(parameters, ';'));
    if (!equals_ignoring_case(trimmed(take_until(weight, '=')), "q")) continue;
    return trimmed(weight).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

/// What the list says of `name`; none where it does not name it.
std::optional<bool> accepts(std::string_view list, std::string_view name) noexcept {
  while (!list.empty()) {
    auto element = take_until(list, ',');
    if (equals_ignoring_case(trimmed(take_until(element, ';')), name)) return !is_refused(element);
  }
  return std::nullopt;
}

} // namespace

bool accepts_coding(std::string_view field, std::string_view coding) noexcept {
  if (const auto named = accepts(field, coding)) return *named;
  return accepts(field, "*").value_or(false);
}

bool accepts_type(std::string_view field, std::string_view type) noexcept {
  return accepts(field, type).value_or(false);
}

} // namespace baluhost::http
