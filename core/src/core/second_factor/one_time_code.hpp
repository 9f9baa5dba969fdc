#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/digester.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// HOTP (RFC 4226 section 5.3) of `counter`, with leading zeros. `seed` has 64 bytes at most.
[[nodiscard]] std::string hotp(const Secret& seed, std::uint64_t counter, std::size_t digits,
                               Digester& digester);

/// The step whose code `code` is, of the one that `now` lies in and the one before it (RFC 6238
/// section 5.2); none for any other code. Takes the same time for all of one length.
[[nodiscard]] std::optional<TotpStep> step_of_code(const Secret& seed, std::string_view code,
                                                   Timestamp now, Digester& digester);

} // namespace baluhost
