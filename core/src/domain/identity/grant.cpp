#include "baluhost/domain/identity/grant.hpp"

#include <array>

namespace baluhost {
namespace {
constexpr std::array kRights{Right::read, Right::write, Right::remove, Right::share};
} // namespace

std::string_view to_string(Right right) noexcept {
  switch (right) {
    case Right::read:
      return "read";
    case Right::write:
      return "write";
    case Right::remove:
      return "delete";
    case Right::share:
      return "share";
  }
  return "";
}

Result<Right> parse_right(std::string_view text) {
  for (const auto right : kRights) {
    if (text == to_string(right)) return right;
  }
  return invalid("must be one of read, write, delete and share");
}

std::vector<Right> Rights::list() const {
  std::vector<Right> held;
  for (const auto right : kRights) {
    if (includes(right)) held.push_back(right);
  }
  return held;
}

std::string Rights::to_text() const {
  std::string text;
  for (const auto right : list()) {
    if (!text.empty()) text += ',';
    text += to_string(right);
  }
  return text;
}

} // namespace baluhost
