#include "baluhost/domain/audit/filter_values.hpp"

#include "baluhost/domain/audit/audit_event.hpp"

namespace baluhost {
namespace {

bool may_be_custom(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789_.";
  return text.find('.') != std::string_view::npos &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

} // namespace

Result<std::string> parse_action_name(std::string_view text) {
  if (find_built_in_action(text) || may_be_custom(text)) return std::string{text};
  return invalid(
      "must be the name of an action, such as upload; that of a program that embeds BaluHost has a "
      "dot");
}

Result<IpAddress> parse_client_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  if (!address) return invalid("must be an IP address");
  return *address;
}

} // namespace baluhost
