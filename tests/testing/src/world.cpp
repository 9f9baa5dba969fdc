#include "baluhost/testing/world.hpp"

#include "baluhost/memory/fake_seal_signer.hpp"
#include "baluhost/memory/insecure_password_hasher.hpp"
#include "baluhost/memory/insecure_seed_cipher.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/memory/memory_token_codec.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace baluhost::testing {
namespace {

const Client kClient{.ip_address = IpAddress::parse("192.0.2.7"), .user_agent = "test/1"};

/// The value of what only a planned fault makes fail.
template <class T>
T certain(const char* what, Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s: %s\n", what, result.error().detail.c_str());
    std::abort();
  }
  return *std::move(result);
}

} // namespace

struct World::Fakes {
  Fakes(const WorldOptions& options, const Clock& clock, Faults& faults)
      : true_random(make_seeded_random(options.seed)),
        random(with_faults(*true_random, faults)),
        blobs(
            make_memory_blob_store({.capacity_bytes = options.capacity_bytes, .sha1 = options.sha1},
                                   *digester, *random, clock)),
        faulty_blobs(with_faults(static_cast<BlobStore&>(*blobs), faults)),
        faulty_database(with_faults(*database, faults)),
        hasher(make_insecure_password_hasher({}, *true_random)),
        faulty_hasher(with_faults(*hasher, faults)),
        faulty_tokens(with_faults(*tokens, faults)),
        faulty_signer(with_faults(*signer, faults)),
        faulty_anchors(with_faults(*anchors, faults)),
        faulty_seeds(with_faults(*seeds, faults)) {}

  std::unique_ptr<RandomSource> true_random;
  std::unique_ptr<RandomSource> random;
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::unique_ptr<MemoryBlobStore> blobs;
  std::unique_ptr<BlobStore> faulty_blobs;
  std::unique_ptr<Database> database = make_memory_database();
  std::unique_ptr<Database> faulty_database;
  std::unique_ptr<PasswordHasher> hasher;
  std::unique_ptr<PasswordHasher> faulty_hasher;
  std::unique_ptr<TokenCodec> tokens = make_memory_token_codec(Secret{std::string(32, 'k')});
  std::unique_ptr<TokenCodec> faulty_tokens;
  std::unique_ptr<SeedCipher> seeds = make_insecure_seed_cipher();
  std::unique_ptr<SealSigner> signer = make_fake_seal_signer(Secret{std::string(32, 's')});
  std::unique_ptr<SealSigner> faulty_signer;
  std::unique_ptr<AnchorLog> anchors = make_memory_anchor_log();
  std::unique_ptr<AnchorLog> faulty_anchors;
  std::unique_ptr<SeedCipher> faulty_seeds;
};

World::World(const WorldOptions& options)
    : fakes_(std::make_unique<Fakes>(options, clock, faults)),
      database(*fakes_->faulty_database),
      blobs(*fakes_->faulty_blobs),
      hasher(*fakes_->faulty_hasher),
      tokens(*fakes_->faulty_tokens),
      signer(*fakes_->faulty_signer),
      anchors(*fakes_->faulty_anchors),
      digester(*fakes_->digester),
      random(*fakes_->random),
      seeds(*fakes_->faulty_seeds),
      stored(*fakes_->blobs),
      sealer({database, digester, signer, anchors, clock, instance}, {}),
      audit_log(database, clock),
      identities(database),
      key_uses(database),
      throttle(clock, options.throttle),
      auth({database, audit_log, identities, throttle, hasher, tokens, digester, random, clock,
            key_uses, seeds},
           options.auth),
      sessions(database, audit_log, identities, clock),
      users(database, audit_log, identities, hasher, clock),
      keys({database, audit_log, identities, key_uses, digester, random, clock}),
      grants(database, audit_log, clock),
      share_throttle(clock, options.throttle),
      shares({database, audit_log, identities, share_throttle, hasher, tokens, digester, random,
              clock},
             options.shares),
      transfers(database, clock, instance, options.downloads),
      files({database, blobs, audit_log, transfers, quotas, clock, options.limits, options.keep},
            options.files),
      uploads({database, blobs, audit_log, transfers, quotas, clock, options.limits, options.keep},
              random, digester, options.uploads),
      trash({database, blobs, audit_log, transfers, quotas, clock, options.limits, options.keep}),
      versions(
          {database, blobs, audit_log, transfers, quotas, clock, options.limits, options.keep}),
      archives({database, blobs, audit_log, transfers, digester, random, clock, options.archives}),
      audit_queries({database, audit_log, digester, signer, anchors, clock}),
      second_factors(
          {database, audit_log, identities, throttle, hasher, seeds, digester, random, clock}) {}

World::~World() = default;

Result<User> World::add(std::string_view name, Role role) {
  BALUHOST_TRY(auto username, Username::parse(name));
  return users.create(
      admin_, {.username = std::move(username), .password = Secret{kPassword}, .role = role});
}

Principal World::enter(std::string_view name, Role role) {
  const auto username = certain("the name", Username::parse(name));
  if (!certain("looking for the account", users.exists(username)))
    certain("making the account", add(name, role));
  const auto grant = certain("logging in", auth.login(name, Secret{kPassword}, kClient));
  return certain("entering", auth.authenticate(grant.access.text.reveal(), kClient));
}

Result<PutResult> World::put(const Principal& principal, std::string_view path,
                             std::string_view content) {
  BALUHOST_TRY(const auto where, FilePath::parse(path));
  BALUHOST_TRY(
      auto upload,
      files.begin_upload(
          principal, where,
          {.overwrite = true, .parents = true, .size = static_cast<std::int64_t>(content.size())}));
  BALUHOST_CHECK(upload.write(content));
  return upload.commit();
}

Result<std::string> World::get(const Principal& principal, std::string_view path) {
  BALUHOST_TRY(const auto where, FilePath::parse(path));
  BALUHOST_TRY(auto download, files.open(principal, where, {}));
  std::string content(static_cast<std::size_t>(download.reader()->size()), '\0');
  auto got = download.reader()->read_at(0, content);
  const bool is_whole = got && *got == content.size();
  download.finish(got ? static_cast<std::int64_t>(*got) : 0, is_whole);
  if (!got) return std::move(got).error();
  return content;
}

std::vector<AuditEvent> World::events() {
  transfers.flush();
  std::vector<AuditEvent> fresh;
  const auto read = fakes_->database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(fresh, tx.audit().since(seen_, 100'000));
    return {};
  });
  if (read && !fresh.empty()) seen_ = fresh.back().id;
  return fresh;
}

} // namespace baluhost::testing
