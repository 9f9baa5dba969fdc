#pragma once

#include "baluhost/core/access/grant_service.hpp"
#include "baluhost/core/access/share_service.hpp"
#include "baluhost/core/archives/archive_service.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/core/identity/session_service.hpp"
#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/core/keys/key_service.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/second_factor/second_factor_service.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/testing/faults.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::testing {

/// Of `World`.
struct WorldOptions {
  /// What randomness begins with: the same seed, the same ids.
  std::uint64_t seed{1};
  /// Of contents.
  std::int64_t capacity_bytes{std::int64_t{1} << 40};
  bool sha1{false};
  AuthOptions auth{};
  LoginThrottleOptions throttle{};
  FileServiceOptions files{};
  FileLimits limits{};
  KeepRules keep{};
  ShareOptions shares{};
  ArchiveLimits archives{};
  UploadServiceOptions uploads{};
  DownloadRecording downloads{DownloadRecording::before};
};

/// A BaluHost in memory for tests: every use case over fakes that keep the ports' contracts, a
/// clock that stands still, and faults at every port. Deterministic, but for what runs on many
/// threads. Nothing is written to a disk, and passwords are hashed cheaply: never for real ones.
///
///     baluhost::testing::World world;
///     const auto anna = world.enter("anna");
///     CHECK(world.put(anna, "/anna/note", "hello"));
///     world.faults.plan(Call::blob_open, {.code = Errc::not_found});
///     CHECK_FALSE(world.get(anna, "/anna/note"));
class World {
 public:
  /// Everything is there, and nobody but `admin`.
  explicit World(const WorldOptions& options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// An administrator without an account.
  [[nodiscard]] const Principal& admin() const noexcept { return admin_; }

  /// A new account with the password `kPassword`. Errors as of `UserService::create`; so below.
  Result<User> add(std::string_view name, Role role = Role::user);

  /// The caller of that name, in a new session; the account is made where there is none. Aborts
  /// where that fails, which only planned faults make it.
  Principal enter(std::string_view name, Role role = Role::user);

  /// Writes a whole file, over the one that is there; missing directories are made.
  Result<PutResult> put(const Principal& principal, std::string_view path,
                        std::string_view content);

  /// Downloads a whole file, as a client does who takes all of it.
  Result<std::string> get(const Principal& principal, std::string_view path);

  /// The events that were written since the last call, in their order, those of downloads that
  /// have ended among them. Faults do not count for it.
  std::vector<AuditEvent> events();

  static constexpr const char* kPassword = "tangerine kites 77";

  ManualClock clock;
  Faults faults{&clock};

 private:
  struct Fakes;
  std::unique_ptr<Fakes> fakes_;

 public:
  // The ports, with their faults.
  Database& database;
  BlobStore& blobs;
  PasswordHasher& hasher;
  TokenCodec& tokens;
  SealSigner& signer;
  AnchorLog& anchors;
  Digester& digester;
  RandomSource& random;
  SeedCipher& seeds;
  /// The blobs without faults: to damage one, or to look at what a crash would leave.
  MemoryBlobStore& stored;

  // The use cases.
  InstanceId instance{"0123456789abcdef0123456789abcdef"};
  Sealer sealer;
  AuditLog audit_log;
  IdentityCache identities;
  KeyUses key_uses;
  LoginThrottle throttle;
  AuthService auth;
  SessionService sessions;
  UserService users;
  KeyService keys;
  GrantService grants;
  LoginThrottle share_throttle;
  ShareService shares;
  QuotaLedger quotas;
  TransferJournal transfers;
  FileService files;
  UploadService uploads;
  TrashService trash;
  VersionService versions;
  ArchiveService archives;
  AuditQueries audit_queries;
  SecondFactorService second_factors;

 private:
  Principal admin_ = Principal::local_operator("test");
  EventId seen_;
};

} // namespace baluhost::testing
