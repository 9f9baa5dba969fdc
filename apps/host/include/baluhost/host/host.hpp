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
#include "baluhost/core/operations/periodic_task.hpp"
#include "baluhost/core/operations/space_monitor.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/second_factor/second_factor_service.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/host_options.hpp"
#include "baluhost/host/message.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace baluhost {

/// What a host is opened as.
enum class HostRole {
  server, ///< makes what is missing, upgrades the schema, locks a database that is not shared
  tool    ///< everything must be there, in the present version; a server may run beside it
};

/// What a host reports while it lives; all optional, called from any thread. Without
/// `on_listener_failure` what a commit listener throws is a message, and likewise without
/// `on_damaged_index` that the index of names is damaged.
struct HostHooks {
  DatabaseHooks database{};
  std::function<void(const HostMessage&)> on_message{};
};

/// A BaluHost without an edge: database, keys, blobs and seals, and every use case over them,
/// opened in the right order and closed in the opposite one. Several may live in one process, on
/// different directories.
class Host {
 public:
  /// Opens what `options` name; nothing is recorded yet but the schema's upgrade. conflict: another
  /// server has the directory, the database is not ours or of another version, or a restore was not
  /// finished. not_found: something that a tool needs is not there. unavailable: something cannot
  /// be opened. `detail` is a message for a person, without secrets.
  static Result<std::unique_ptr<Host>> open(HostOptions options, HostRole role = HostRole::server,
                                            HostHooks hooks = {});

  /// The same in memory, for tests and demonstrations: everything is real but the database and the
  /// blobs, and gone with the host. What `options` say of directories and of the database is not
  /// looked at. `start` makes an administrator only where `admin_password_file` names a password;
  /// `Principal::local_operator` administers without one. unavailable; invalid_request for argon2
  /// settings that are too weak.
  static Result<std::unique_ptr<Host>> in_memory(HostOptions options = {}, HostHooks hooks = {});

  /// Without `close`, the next server recovers what this one left.
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// The life of a server begins: seals, makes the first administrator where there is none, records
  /// the start and what a crash left, and begins all that a server does unasked, on threads of its
  /// own. Once. unavailable, or what is wrong with `admin_password_file`.
  [[nodiscard]] Result<void> start();

  /// Ends what `start` began, records it and seals. Once, after all that uses the host has ended.
  /// unavailable.
  [[nodiscard]] Result<void> close();

  /// The use cases.
  AuthService& auth() noexcept;
  SessionService& sessions() noexcept;
  UserService& users() noexcept;
  KeyService& user_keys() noexcept;
  SecondFactorService& second_factors() noexcept;
  GrantService& grants() noexcept;
  ShareService& shares() noexcept;
  FileService& files() noexcept;
  UploadService& uploads() noexcept;
  TrashService& trash() noexcept;
  VersionService& versions() noexcept;
  ArchiveService& archives() noexcept;
  AuditQueries& audit_queries() noexcept;
  AuditLog& audit_log() noexcept;

  /// What operators and edges look at.
  Sealer& sealer() noexcept;
  TransferJournal& transfers() noexcept;
  SpaceMonitor& space() noexcept;

  /// A write of a server: false if the database takes none.
  [[nodiscard]] bool heartbeat();

  /// How all that a server does unasked went last; of a tool, or before `start`, nothing. Safe from
  /// any thread until `close`.
  [[nodiscard]] std::vector<TaskRun> runs() const;

  /// Password hashing lets other threads of the process go first, for a while. Cheap, safe from any
  /// thread.
  void yield_to_others() noexcept;

  /// The driven side.
  Database& database() noexcept;
  BlobStore& blobs() noexcept;
  KeyDirectory& keys() noexcept;
  SealSigner& signer() noexcept;
  AnchorLog& anchors() noexcept;
  Digester& digester() noexcept;
  RandomSource& random() noexcept;
  const Clock& clock() noexcept;

  /// As it was opened with, and every path filled in.
  [[nodiscard]] const HostOptions& options() const noexcept;

 private:
  struct Impl;
  explicit Host(std::unique_ptr<Impl> impl) noexcept;
  static Result<void> fill(Impl& impl, HostOptions options);
  Result<void> begin();
  std::unique_ptr<Impl> impl_;
};

} // namespace baluhost
