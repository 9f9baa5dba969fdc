// The order of a start: nothing is on record before `start`, so that an edge can take its addresses
// between it and `open`, and one that fails leaves no trace of a run. The first administrator comes
// before the start's own event, as a server without one has not begun to serve.

#include "baluhost/host/host.hpp"

#include "explained.hpp"
#include "first_admin.hpp"
#include "host_impl.hpp"
#include "lost_keys.hpp"

#include "baluhost/core/operations/schema_history.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

#include <optional>
#include <utility>

namespace baluhost {

namespace {

bool is_shared(const HostOptions& options) {
  const DatabaseKind* kind = find_database_kind(options.database_url);
  return kind && kind->is_shared;
}

Result<std::optional<DirectoryLock>> lock_directory(const HostOptions& options) {
  BALUHOST_CHECK(make_private_directory(options.data_dir));
  if (is_shared(options)) return std::optional<DirectoryLock>{};
  auto acquired = DirectoryLock::acquire(options.data_dir);
  if (acquired) return std::optional{std::move(*acquired)};
  const DatabaseKind* kind = find_database_kind(options.database_url);
  const bool is_taken = kind && acquired.error().code == Errc::conflict;
  return Error{acquired.error().code, is_taken
                                          ? options.data_dir + " is in use by another server; on " +
                                                std::string{kind->title} + " there can be one only"
                                          : acquired.error().detail};
}

} // namespace

HostHooks complete(HostHooks hooks) {
  if (!hooks.on_message) hooks.on_message = [](const HostMessage&) {};
  if (!hooks.database.on_listener_failure) {
    hooks.database.on_listener_failure = [report = hooks.on_message](std::string_view what) {
      report({.severity = Severity::error,
              .text = "events were written, and who is told of them failed: " + std::string{what}});
    };
  }
  if (!hooks.database.on_damaged_index) {
    hooks.database.on_damaged_index = [report = hooks.on_message](std::string_view why) {
      report({.severity = Severity::error,
              .text = "searches do not find what changes from now on, as the index of names is "
                      "damaged: run `baluhostctl db reindex`: " +
                      std::string{why}});
    };
  }
  return hooks;
}

Result<std::unique_ptr<Host>> Host::open(HostOptions options, HostRole role, HostHooks hooks) {
  fill_in_paths(options);
  hooks = complete(std::move(hooks));
  auto impl = std::make_unique<Impl>();
  impl->report = hooks.on_message;
  impl->role = role;
  if (role == HostRole::server) {
    BALUHOST_TRY(impl->lock, lock_directory(options));
  }
  BALUHOST_TRY(impl->backend, open_backend(options, role, hooks.database));
  BALUHOST_CHECK(fill(*impl, std::move(options)));
  return std::unique_ptr<Host>{new Host{std::move(impl)}};
}

/// The use cases over the driven side.
Result<void> Host::fill(Impl& impl, HostOptions options) {
  BALUHOST_TRY(auto instance, make_instance_id());
  Backend& backend = *impl.backend;
  impl.services = std::make_unique<Services>(backend, options, std::move(instance));
  impl.space = std::make_unique<SpaceMonitor>(
      *backend.blobs, *backend.database, impl.services->audit_log, options.files.min_free_bytes);
  impl.options = std::move(options);
  return {};
}

Host::Host(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Host::~Host() {
  if (impl_->role != HostRole::tool) return;
  // A server records what stood in the way of its seals as it goes on.
  Services& services = *impl_->services;
  if (services.sealer.seal_now()) static_cast<void>(services.lifecycle.record_findings());
}

Result<void> Host::start() {
  auto begun = begin();
  if (begun || begun.error().code != Errc::unavailable) return begun;
  return explained(std::move(begun).error(),
                   "the database " + redacted_url(impl_->options.database_url));
}

Result<void> Host::begin() {
  Services& services = *impl_->services;
  Backend& backend = *impl_->backend;
  services.sealer.start();
  BALUHOST_TRY(const auto untagged, judge_untagged(backend.schema, *backend.database));
  BALUHOST_CHECK(record_schema_change(backend.schema, services.audit_log));
  if (!impl_->is_in_memory || !impl_->options.admin_password_file.empty())
    BALUHOST_CHECK(ensure_first_admin(impl_->options, backend, services, impl_->report));
  BALUHOST_CHECK(services.lifecycle.started(
      is_shared(impl_->options) ? OtherServers::may_run : OtherServers::none, BALUHOST_VERSION,
      untagged));
  report_findings(services.lifecycle, impl_->report);
  BALUHOST_CHECK(
      report_lost_factor_keys(services.second_factors, impl_->options.keys_dir, impl_->report));
  impl_->tasks.emplace(impl_->options, backend, services, *impl_->space, impl_->report);
  return {};
}

Result<void> Host::close() {
  Services& services = *impl_->services;
  impl_->tasks.reset();
  BALUHOST_CHECK(services.transfers.close());
  BALUHOST_CHECK(services.audit_log.write_waiting());
  BALUHOST_CHECK(services.lifecycle.stopped());
  return services.sealer.seal_now();
}

AuthService& Host::auth() noexcept { return impl_->services->auth; }
SessionService& Host::sessions() noexcept { return impl_->services->sessions; }
UserService& Host::users() noexcept { return impl_->services->users; }
KeyService& Host::user_keys() noexcept { return impl_->services->keys; }
SecondFactorService& Host::second_factors() noexcept { return impl_->services->second_factors; }
GrantService& Host::grants() noexcept { return impl_->services->grants; }
ShareService& Host::shares() noexcept { return impl_->services->shares; }
FileService& Host::files() noexcept { return impl_->services->files; }
UploadService& Host::uploads() noexcept { return impl_->services->uploads; }
TrashService& Host::trash() noexcept { return impl_->services->trash; }
VersionService& Host::versions() noexcept { return impl_->services->versions; }
ArchiveService& Host::archives() noexcept { return impl_->services->archives; }
AuditQueries& Host::audit_queries() noexcept { return impl_->services->audit_queries; }
AuditLog& Host::audit_log() noexcept { return impl_->services->audit_log; }
Sealer& Host::sealer() noexcept { return impl_->services->sealer; }
TransferJournal& Host::transfers() noexcept { return impl_->services->transfers; }
SpaceMonitor& Host::space() noexcept { return *impl_->space; }
bool Host::heartbeat() { return static_cast<bool>(impl_->services->lifecycle.heartbeat()); }
std::vector<TaskRun> Host::runs() const {
  return impl_->tasks ? impl_->tasks->runs() : std::vector<TaskRun>{};
}
void Host::yield_to_others() noexcept { impl_->backend->hasher->yield(); }
Database& Host::database() noexcept { return *impl_->backend->database; }
BlobStore& Host::blobs() noexcept { return *impl_->backend->blobs; }
KeyDirectory& Host::keys() noexcept { return *impl_->backend->keys; }
SealSigner& Host::signer() noexcept { return *impl_->backend->signer; }
AnchorLog& Host::anchors() noexcept { return *impl_->backend->anchors; }
Digester& Host::digester() noexcept { return *impl_->backend->digester; }
RandomSource& Host::random() noexcept { return *impl_->backend->random; }
const Clock& Host::clock() noexcept { return *impl_->backend->clock; }
const HostOptions& Host::options() const noexcept { return impl_->options; }

} // namespace baluhost
