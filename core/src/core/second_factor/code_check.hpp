#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seed_cipher.hpp"

#include <optional>
#include <variant>

namespace baluhost {

/// What a code shows, if it was not used before.
using CodeProof = std::variant<TotpStep, RecoveryCodeHash>;

[[nodiscard]] Factor factor_of(const CodeProof& proof) noexcept;

/// Reads codes as people send them: six digits of an authenticator, or a recovery code, in whatever
/// case and with blanks or hyphens in between. Safe from many threads.
class CodeCheck {
 public:
  CodeCheck(SeedCipher& seeds, Digester& digester) : seeds_(seeds), digester_(digester) {}

  /// What `code` shows of the owner of `factor`; none: nothing. Whether a recovery code is one of
  /// the account's shows when it is used. internal: the seed cannot be read, see `SeedCipher`.
  [[nodiscard]] Result<std::optional<CodeProof>> prove(const SecondFactor& factor,
                                                       const Secret& code, Timestamp now) const;

 private:
  SeedCipher& seeds_;
  Digester& digester_;
};

/// Uses `proof` of the confirmed factor of `user`; false if it was used before, or is none.
[[nodiscard]] Result<bool> use_proof(WriteTransaction& tx, UserId user, const CodeProof& proof);

} // namespace baluhost
