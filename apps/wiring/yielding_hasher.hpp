#pragma once

#include "baluhost/ports/password_hasher.hpp"

#include <memory>

namespace baluhost {

/// `hasher` on `threads` threads of its own, which give way to all others of the process; callers wait for their turn. A hash keeps one core busy, so
/// more at once would only take memory. The callers stay as they are: what they do before and after, such as writing to the database, others may wait for.
std::unique_ptr<PasswordHasher> on_yielding_threads(std::unique_ptr<PasswordHasher> hasher, unsigned threads);

} // namespace baluhost
