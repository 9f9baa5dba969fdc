#pragma once

#include "baluhost/core/auth_service.hpp"
#include "baluhost/core/file_service.hpp"
#include "baluhost/core/grant_service.hpp"
#include "baluhost/core/upload_service.hpp"
#include "baluhost/core/user_service.hpp"
#include "baluhost/memory/faulty_database.hpp"
#include "baluhost/memory/insecure_password_hasher.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The services of files over memory, with everything a test wants to break within reach.
namespace baluhost::files_test {

inline FilePath path(std::string_view text) { return FilePath::parse(text).value(); }

struct WorldOptions {
  FileServiceOptions files{};
  UploadServiceOptions uploads{};
  MemoryBlobStoreOptions blobs{};
  DownloadRecording recording{DownloadRecording::before};
};

class World {
 public:
  explicit World(const WorldOptions& options = {})
      : blobs(make_memory_blob_store(clock, *random, *digester, options.blobs)),
        journal(std::make_unique<TransferJournal>(*database, clock, instance, options.recording)),
        parts{*database, *blobs, audit, *journal, quotas, clock}, files(parts, options.files),
        uploads(parts, *random, *digester, options.uploads) {}

  User add(const std::string& name, std::optional<std::int64_t> quota = std::nullopt, Role role = Role::user) {
    auto user = users.create(operator_, {.username = Username::parse(name).value(), .password = Secret{kPassword}, .role = role,
                                         .quota_bytes = quota});
    REQUIRE(user);
    return *user;
  }
  /// The same, logged in; what that recorded is passed over.
  Principal enter(const std::string& name, std::optional<std::int64_t> quota = std::nullopt, Role role = Role::user) {
    add(name, quota, role);
    return log_in(name);
  }
  Principal log_in(const std::string& name) {
    const Client client{.ip_address = "192.0.2.7", .user_agent = "test/1"};
    auto grant = auth.login(name, Secret{kPassword}, client);
    REQUIRE(grant);
    auto principal = auth.authenticate(grant->access.text.reveal(), client);
    REQUIRE(principal);
    events();
    return *principal;
  }
  void grant(const std::string& where, const std::string& grantee, Rights rights) {
    REQUIRE(grants.put(operator_, path(where), Username::parse(grantee).value(), rights));
    events();
  }

  Result<PutResult> put(const Principal& who, const std::string& where, std::string_view content, PutOptions options = {}) {
    options.size = static_cast<std::int64_t>(content.size());
    auto upload = files.begin_upload(who, path(where), options);
    if (!upload) return std::move(upload).error();
    BALUHOST_CHECK(upload->write(content));
    return upload->commit();
  }
  /// A file that has to be there; what that recorded is passed over.
  FileInfo have(const Principal& who, const std::string& where, std::string_view content) {
    auto done = put(who, where, content, {.overwrite = true, .parents = true});
    REQUIRE(done);
    events();
    return done->info;
  }
  void have_directory(const Principal& who, const std::string& where) {
    REQUIRE(files.make_directory(who, path(where), true));
    events();
  }
  Result<std::string> get(const Principal& who, const std::string& where, const DownloadRequest& request = {}) {
    BALUHOST_TRY(auto download, files.open(who, path(where), request));
    if (download.reader() == nullptr) return std::string{};
    const auto& range = download.range();
    std::string content(static_cast<std::size_t>(range ? range->length() : download.reader()->size()), '\0');
    BALUHOST_TRY(const auto got, download.reader()->read_at(range ? range->first : 0, content));
    REQUIRE(got == content.size());
    download.finish(static_cast<std::int64_t>(got), true);
    return content;
  }

  /// Events written since this was last called, by id, those of downloads that have ended among them.
  std::vector<AuditEvent> events() {
    journal->flush();
    std::vector<AuditEvent> fresh;
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(fresh, tx.audit().since(seen_, 100'000));
      return {};
    }));
    if (!fresh.empty()) seen_ = fresh.back().id;
    return fresh;
  }
  AuditEvent event() {
    const auto fresh = events();
    REQUIRE(fresh.size() == 1);
    return fresh.front();
  }
  /// "upload /anna/a {…}", the error behind a failed one.
  std::vector<std::string> lines() {
    std::vector<std::string> texts;
    for (const auto& event : events()) {
      texts.push_back(event.action + ' ' + event.resource.value_or("-") + ' ' + event.details +
                      (event.success ? "" : " failed: " + event.error_message.value_or("?")));
    }
    return texts;
  }

  User user(const std::string& name) {
    User found{.username = Username::parse(name).value()};
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(const auto user, tx.users().find(found.username));
      found = user.value();
      return {};
    }));
    return found;
  }
  std::size_t blob_count() { return blobs->list({}, 100'000).value().size(); }
  std::size_t doomed_count() {
    std::size_t count = 0;
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      count = tx.uploads().doomed(100'000).value().size();
      return {};
    }));
    return count;
  }
  std::size_t transfer_count() {
    std::size_t count = 0;
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      count = tx.transfers().of_instance(instance, 100'000).value().size();
      return {};
    }));
    return count;
  }
  std::string hex(std::string_view content) const { return digester->sha256(content).hex(); }

  static constexpr const char* kPassword = "tangerine kites 77";

  ManualClock clock;
  InstanceId instance{"0123456789abcdef0123456789abcdef"};
  std::unique_ptr<RandomSource> random = make_seeded_random();
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<Database> inner = make_memory_database();
  std::unique_ptr<FaultyDatabase> database = with_faults(*inner);
  std::unique_ptr<MemoryBlobStore> blobs;
  AuditTrail audit{*database, clock};
  IdentityCache identities{*database};
  LoginThrottle throttle{clock, {}};
  std::unique_ptr<PasswordHasher> hasher = make_insecure_password_hasher(*random);
  std::unique_ptr<TokenCodec> tokens = make_memory_token_codec(Secret{std::string(32, 'k')});
  AuthService auth{{*database, audit, identities, throttle, *hasher, *tokens, *digester, *random, clock}, {}};
  UserService users{*database, audit, identities, *hasher, clock};
  GrantService grants{*database, audit, clock};
  Principal operator_ = Principal::local_operator("root");
  QuotaLedger quotas;
  std::unique_ptr<TransferJournal> journal;
  FileService::Parts parts;
  FileService files;
  UploadService uploads;

 private:
  EventId seen_;
};

/// A store that says of its space what a test wants, and lets things happen just before it is used.
class HookedStore final : public BlobStore {
 public:
  explicit HookedStore(BlobStore& inner) : inner_(inner) {}
  Result<std::unique_ptr<BlobWriter>> create() override { return inner_.create(); }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    if (before_open) before_open();
    return inner_.open(id);
  }
  Result<void> remove(const BlobId& id) override { return inner_.remove(id); }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after, std::size_t limit) const override { return inner_.list(after, limit); }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    if (before_stage) before_stage();
    return inner_.stage(id, offset);
  }
  Result<void> discard_staged(const UploadId& id) override { return inner_.discard_staged(id); }
  Result<void> restage(const BlobId& blob, const UploadId& id) override { return inner_.restage(blob, id); }
  Result<std::vector<UploadId>> list_staged() const override { return inner_.list_staged(); }
  Result<StorageSpace> space() const override { return space_now; }

  StorageSpace space_now{1000, 5000, 50'000, 60'000};
  std::function<void()> before_open;
  std::function<void()> before_stage;

 private:
  BlobStore& inner_;
};

template <class T>
Errc error_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().recorded);
  return result.error().code;
}

using Lines = std::vector<std::string>;

} // namespace baluhost::files_test
