#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/random_source.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What a key is for.
enum class KeyKind { access, refresh, seal, factor, content };

/// "access", "refresh", "seal", "factor", "content"
std::string_view to_string(KeyKind kind) noexcept;

/// What may be told about a key.
struct KeyInfo {
  KeyKind kind{};
  std::string kid; ///< of a seal key: as in `SealSignature::key_id`; of a factor key: a fingerprint
  Timestamp created_at;
  bool current{}; ///< signs or encrypts; the others of its kind only verify or decrypt
};

struct KeySet;

/// The keys of a server, one file each, in a directory of mode 0700:
///
///     access-20261124T025431.123456Z-0f1e2d3c4b5a6978.key   256 bits for HS256, 64 hex digits
///     refresh-20261124T025431.123456Z-8796a5b4c3d2e1f0.key  the same
///     seal-20261124T025431.123456Z-1122334455667788.pem     an Ed25519 private key (PKCS #8)
///     audit-ed25519.pub.pem                                 the public halves of all seal keys,
///                                                           newest first
///     factor-20261124T025431.123456Z-99aabbccddeeff00.key   256 bits for AES, 64 hex digits: for
///                                                           the seeds of second factors
///     content-20261124T025431.123456Z-5a6978870f1e2d3c.key  the same, for encrypted contents
///
/// The files of keys have mode 0600. The newest key of a kind signs or encrypts, all verify or
/// decrypt. Other names are left alone. A change made by another program is seen within a second,
/// or at once when a key id is unknown; a change that cannot be loaded leaves the keys as they
/// were. Several programs may share the directory. Safe from many threads.
class KeyDirectory {
 public:
  /// What is done where keys, or their directory, are not there.
  enum class Missing { create, refuse };

  /// Loads the keys and, with `Missing::create`, makes the directory, a first key of each kind and
  /// the public file where missing. not_found without a directory or a kind of key, but for factor
  /// keys, which an older backup lacks; unavailable if something cannot be read or written;
  /// conflict if a file is a link, may be read by others, is too short or is not a key. `detail`
  /// names the file and says what to do.
  static Result<std::unique_ptr<KeyDirectory>> open(const std::string& path, Missing missing,
                                                    RandomSource& random, const Clock& clock);

  /// New keys of each kind that no file holds; they are gone with it, and `rotate` and
  /// `remove_replaced` are invalid_request. unavailable.
  static Result<std::unique_ptr<KeyDirectory>> in_memory(RandomSource& random, const Clock& clock);
  ~KeyDirectory();

  [[nodiscard]] std::vector<KeyInfo> list() const; ///< by kind, the newest first
  /// Adds a key of each kind, which signs or encrypts from now on. The old ones stay. Returns the
  /// new ones.
  Result<std::vector<KeyInfo>> rotate();

  /// Deletes the keys of `kind` that a newer one replaced before `replaced_before`: nothing that an
  /// access or refresh key signed is still valid if that is longer ago than a token lives, and what
  /// a factor key encrypted has to be encrypted anew before. Keys of seals and of contents are
  /// never deleted (invalid_request). Returns the deleted ones.
  Result<std::vector<KeyInfo>> remove_replaced(KeyKind kind, Timestamp replaced_before);

  /// Loads the keys again now; an error as from `open`, and the keys stay as they were.
  Result<void> reload();
  [[nodiscard]] std::string public_keys_pem() const; ///< as in the public file

  /// For the adapters of this box: the present keys, after a look at the directory if the last one
  /// is a second old.
  std::shared_ptr<const KeySet> keys();

  /// The keys after a look at the directory: for a key id that `keys` does not have.
  std::shared_ptr<const KeySet> refreshed_keys();

 private:
  struct State;
  explicit KeyDirectory(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace baluhost
