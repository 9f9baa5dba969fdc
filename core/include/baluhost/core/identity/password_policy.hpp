#pragma once

#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"

#include <string_view>

namespace baluhost {

/// True if `password` is on the block-list of common passwords, in whatever case.
bool is_common_password(std::string_view password);

/// The form in which a password is hashed and compared: NFC (UAX 15), so that every keyboard spells
/// it alike. Never cut. invalid_request if it is longer than 1024 bytes or not UTF-8; no stored
/// password can be like that.
[[nodiscard]] Result<Secret> normalise_password(const Secret& password);

/// Whether `password` may become the password of `name` (NIST SP 800-63B-4 section 3.1.1.2: length
/// and a block-list, no rules of composition): 8 to 1024 bytes of UTF-8 without U+0000, not common,
/// not containing the name if that has four characters or more, and not the product's name with a
/// few characters more. Else invalid_request, with a sentence that does not repeat the password.
[[nodiscard]] Result<void> check_password(const Secret& password, const Username& name);

/// `check_password` and `normalise_password` in one: what a new password goes through before it is
/// hashed.
[[nodiscard]] Result<Secret> prepare_password(const Secret& password, const Username& name);

/// The same for a password of no account, which has no name to contain.
[[nodiscard]] Result<Secret> prepare_password(const Secret& password);

} // namespace baluhost
