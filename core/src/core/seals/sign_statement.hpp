#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <string>
#include <utility>

namespace baluhost {

/// Signs a seal or prune record. Its bytes name the key, and which key signs is known only
/// afterwards: `statement.key_id` is the guess, and a wrong one costs a second signature.
template <class Statement>
[[nodiscard]] Result<void> sign_statement(Statement& statement, SealSigner& signer) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    BALUHOST_TRY(auto made, signer.sign(signed_bytes(statement)));
    if (made.key_id == statement.key_id) {
      statement.signature = std::move(made.signature);
      return {};
    }
    statement.key_id = std::move(made.key_id);
  }
  return Error{Errc::unavailable, "the seal key changes faster than it signs"};
}

} // namespace baluhost
