#include "baluhost/domain/identity/grant.hpp"

namespace baluhost {

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
  for (const auto right : Rights::all().list()) {
    if (text == to_string(right)) return right;
  }
  return invalid("must be one of read, write, delete and share");
}

} // namespace baluhost
