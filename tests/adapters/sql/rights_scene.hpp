#pragma once

#include "baluhost/core/access/grant_service.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/core/identity/session_service.hpp"
#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/core/keys/key_service.hpp"
#include "baluhost/core/second_factor/second_factor_service.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"
#include "baluhost/memory/insecure_password_hasher.hpp"
#include "baluhost/memory/insecure_seed_cipher.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"
#include "sql/sql_fixture.hpp"

#include <barrier>
#include <functional>
#include <string>
#include <thread>
#include <vector>

// The people and services that the cases of rights are about.
namespace baluhost::test {

inline FilePath path(const std::string& text) { return value(FilePath::parse(text)); }

inline const Client kClient{
    .ip_address = IpAddress::parse("192.0.2.7"), .peer_address = {}, .user_agent = "test/1"};
inline const char* const kOldPassword = "tangerine kites 77";

/// The services over a database of SQL.
struct Host {
  explicit Host(Database& the_database, KeepRules keep = {}, FileLimits limits = {})
      : database(the_database),
        blobs(make_memory_blob_store({}, *digester, *random, clock)),
        journal(database, clock, InstanceId{"0123456789abcdef0123456789abcdef"},
                DownloadRecording::after),
        deps{database, *blobs, audit, journal, quotas, clock, limits, keep},
        files(deps, {}),
        uploads(deps, *random, *digester, {}),
        trash(deps),
        versions(deps),
        bystander(add("bystander")) {}

  User add(const std::string& name, Role role = Role::user) {
    return value(users.create(operator_, {.username = value(Username::parse(name)),
                                          .password = Secret{kOldPassword},
                                          .role = role}));
  }

  Database& database;
  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_seeded_random();
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<MemoryBlobStore> blobs;
  AuditLog audit{database, clock};
  IdentityCache identities{database, 0};
  KeyUses key_uses{database};
  LoginThrottle throttle{clock, {.max_attempts = 1'000'000}}; // how many fail is chance
  std::unique_ptr<PasswordHasher> hasher = make_insecure_password_hasher({}, *random);
  std::unique_ptr<TokenCodec> tokens = make_memory_token_codec(Secret{std::string(32, 'k')});
  std::unique_ptr<SeedCipher> seeds = make_insecure_seed_cipher();
  AuthService auth{{database, audit, identities, throttle, *hasher, *tokens, *digester, *random,
                    clock, key_uses, *seeds},
                   {}};
  SessionService sessions{database, audit, identities, clock};
  UserService users{database, audit, identities, *hasher, clock};
  KeyService keys{{database, audit, identities, key_uses, *digester, *random, clock}};
  SecondFactorService second_factors{
      {database, audit, identities, throttle, *hasher, *seeds, *digester, *random, clock}};
  GrantService grants{database, audit, clock};
  Principal operator_ = Principal::local_operator("root");
  QuotaLedger quotas;
  TransferJournal journal;
  FileService::Dependencies deps;
  FileService files;
  UploadService uploads;
  TrashService trash;
  VersionService versions;
  User bystander;
};

/// Somebody with an account, logged in.
struct Person {
  std::string name;
  UserId id;
  std::string refresh_token;
  Principal session;

  static Person log_in(Host& host, const User& user) {
    const auto name = user.username.str();
    const auto grant = value(host.auth.login(name, Secret{kOldPassword}, kClient));
    return {name, user.id, std::string{grant.refresh.text.reveal()},
            value(host.auth.authenticate(grant.access.text.reveal(), kClient))};
  }
  [[nodiscard]] Username username() const { return value(Username::parse(name)); }
};

/// One round: a user with all rights on another's home, an administrator, the owner, and a
/// bystander.
struct Scene {
  Scene(Host& the_host, int number)
      : host(the_host),
        guest(Person::log_in(host, host.add("guest" + std::to_string(number)))),
        chief(Person::log_in(host, host.add("chief" + std::to_string(number), Role::admin))),
        owner(host.add("owner" + std::to_string(number))) {
    have(at("/f"));
    have(at("/r"));
    value(host.files.make_directory(host.operator_, at("/d"), MissingParents::refuse));
    value(host.grants.put(host.operator_, at(""), guest.username(), Rights::all()));
    value(host.grants.put(host.operator_, at("/d"), other(), Right::read));
  }

  [[nodiscard]] const Username& other() const { return host.bystander.username; }

  [[nodiscard]] FilePath at(const std::string& below) const {
    return path("/" + owner.username.str() + below);
  }
  void have(const FilePath& where) { value(put(host.operator_, where)); }
  Result<void> put(const Principal& who, const FilePath& where) {
    BALUHOST_TRY(auto upload, host.files.begin_upload(who, where, {.overwrite = true, .size = 3}));
    BALUHOST_CHECK(upload.write("abc"));
    BALUHOST_CHECK(upload.commit());
    return {};
  }
  UploadId pending(const Principal& who, const std::string& below) {
    return value(host.uploads.create(who, {.target = at(below), .length = 3})).id;
  }
  Result<void> finish(const Principal& who, const UploadId& id) {
    BALUHOST_TRY(auto chunk, host.uploads.append(who, id, 0, {}));
    BALUHOST_CHECK(chunk.write("abc"));
    BALUHOST_CHECK(chunk.finish());
    return {};
  }

  Host& host;
  Person guest;
  Person chief;
  User owner;
  std::optional<UploadId> guests_upload;
  std::optional<UploadId> chiefs_upload;
  std::optional<UploadId> third_upload;
  std::optional<SessionId> second_session;
};

} // namespace baluhost::test
