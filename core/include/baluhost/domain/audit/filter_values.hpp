#pragma once

#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/result.hpp"

#include <string>
#include <string_view>

/// Values of filters of events, as edges read them: what no event can have is refused, so that
/// nobody takes a misspelt filter for an empty trail.
namespace baluhost {

/// The name of a built-in action, or one of the form of those that `Action::custom` takes: with a
/// dot. Else invalid_request.
Result<std::string> parse_action_name(std::string_view text);

/// The address, whichever way `text` writes it. Else invalid_request.
Result<IpAddress> parse_client_address(std::string_view text);

} // namespace baluhost
