#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// Of `ShareService`: the keys of the configuration below `shares`.
struct ShareOptions {
  bool enabled{true};
  std::int64_t default_days{30}; ///< until a share expires that does not say when; 0: never
  std::int64_t max_days{0};      ///< until each share expires at the latest; 0: no limit
  bool require_password{false};  ///< of those that are made or changed from now on
  std::int64_t most_of_account{1000};
  std::chrono::seconds token_ttl{std::chrono::minutes{15}};
};

/// The request for a share.
struct CreateShare {
  FilePath path;
  ShareRights rights;
  std::optional<Secret> password;

  /// None: the default; none in it: never.
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::int64_t> max_uses;
  std::optional<std::int64_t> max_bytes;
  std::optional<std::string> note;
};

/// Members left out stay as they are; none in one takes it away.
struct UpdateShare {
  std::optional<ShareRights> rights;
  std::optional<std::optional<Secret>> password;
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::optional<std::int64_t>> max_uses;
  std::optional<std::optional<std::int64_t>> max_bytes;
  std::optional<std::optional<std::string>> note;
};

/// A share with the secret of its link, which is shown this once.
struct NewShareLink {
  PlacedShare share;
  Secret secret;
};

/// What a stranger has of a share.
struct OpenShare {
  ShareId id;
  Secret secret;
  std::optional<Secret> password;
};

/// What who opens a share gets.
struct OpenedShare {
  ShareToken token;
  ShareToken cookie; ///< the same for browsers, which only reads
  std::chrono::seconds expires_in{};
  Share share;
  FileKind kind{FileKind::file};
  std::string name; ///< of the file
};

class PasswordCheck;

/// Links by which somebody without an account reads or adds files. Every call writes its event,
/// failed ones too. Safe from many threads; `create`, `update` and `open` take the time of a
/// password hash: call them from threads that may be busy.
class ShareService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    AuditLog& audit_log;
    IdentityCache& identities;
    LoginThrottle& throttle; ///< of its own: strangers' guesses make no login wait
    PasswordHasher& hasher;
    TokenCodec& tokens;
    Digester& digester;
    RandomSource& random;
    const Clock& clock;
  };

  /// Begins with an empty throttle.
  ShareService(const Dependencies& deps, ShareOptions options);
  ~ShareService();

  /// Needs `share` on the path and what `rights` need. forbidden (shares are switched off, too),
  /// not_found: the path; quota_exceeded: the caller has as many as may be; invalid_request at the
  /// member.
  [[nodiscard]] Result<NewShareLink> create(const Principal& principal, const CreateShare& request);

  /// Those that the caller made; an administrator sees all. With `path` those on it, which needs
  /// some right on it. Newest first.
  [[nodiscard]] Result<Page<PlacedShare>> list(const Principal& principal,
                                               const std::optional<FilePath>& path,
                                               const PageRequest& page);

  /// not_found: there is none, it ended, or the caller neither made it nor is an administrator.
  [[nodiscard]] Result<PlacedShare> get(const Principal& principal, const ShareId& id);

  /// Another password begins anew: tokens got by the one before are dead. not_found as in `get`;
  /// forbidden: the creator lacks what the rights need; invalid_request at the member.
  [[nodiscard]] Result<PlacedShare> update(const Principal& principal, const ShareId& id,
                                           const UpdateShare& request);

  /// Another secret: the link of before and all tokens got by it are dead. not_found as in `get`.
  [[nodiscard]] Result<NewShareLink> renew_secret(const Principal& principal, const ShareId& id);

  /// Its unfinished uploads end with it. not_found as in `get`.
  [[nodiscard]] Result<void> end(const Principal& principal, const ShareId& id);

  /// One use of the share. Until secret and password fit nothing is told of it: not_found, in the
  /// time of a hash, for every share that is not there, ended, expired or has another secret. Who
  /// has the secret is told more: gone (ended, expired, used up), invalid_credentials (the
  /// password). not_found too while its file is gone or its creator has lost the rights.
  /// rate_limited: by address, and for who has the secret by share.
  [[nodiscard]] Result<OpenedShare> open(const OpenShare& request, const Client& client);

 private:
  struct Opening;
  struct Verdict;
  Result<std::optional<PasswordHash>> hash(const std::optional<Secret>& password) const;
  Result<std::optional<Timestamp>> check_expiry(const std::optional<Timestamp>& expires_at,
                                                Timestamp now) const;
  Result<Share> prepare(const CreateShare& request, Timestamp now) const;
  Result<ShareChanges> prepare(const UpdateShare& request, Timestamp now) const;
  Result<PlacedShare> change(const Principal& principal, const ShareId& id,
                             const ShareChanges& changes);
  Result<Verdict> judge(ReadTransaction& tx, const Opening& opening) const;
  Result<OpenedShare> try_open(Opening& opening);
  Result<void> check_password(Opening& opening, const Share& share);
  Error refuse(Opening& opening, std::string_view reason, Error error);
  Result<OpenedShare> issue(const PlacedShare& share, Timestamp now) const;

  Dependencies deps_;
  ShareOptions options_;
  std::unique_ptr<PasswordCheck> password_check_;
};

} // namespace baluhost
