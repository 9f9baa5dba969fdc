#pragma once

#include "baluhost/ports/password_hasher.hpp"

#include <memory>

namespace baluhost {

/// `hasher`, of which at most `at_once` hashes run at the same time; others wait. A hash keeps one core busy, so more at once would only take
/// memory and the other requests' turn.
std::unique_ptr<PasswordHasher> with_bounded_concurrency(std::unique_ptr<PasswordHasher> hasher, unsigned at_once);

} // namespace baluhost
