#include "baluhost/domain/identity/grant.hpp"

#include "baluhost/domain/names.hpp"

namespace baluhost {
namespace {

constexpr auto kRights = names<Right>({{Right::read, "read"},
                                       {Right::write, "write"},
                                       {Right::remove, "delete"},
                                       {Right::share, "share"}});

} // namespace

std::string_view to_string(Right right) noexcept { return name_of(kRights, right); }

Result<Right> parse_right(std::string_view text) {
  return parse_name(kRights, text, "must be one of read, write, delete and share");
}

} // namespace baluhost
