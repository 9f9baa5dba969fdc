#include "backend.hpp"

#include "explained.hpp"

#include "baluhost/crypto/aes_seed_cipher.hpp"
#include "baluhost/crypto/argon2_hasher.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/filesystem/space_floor.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "baluhost/filesystem/zoneinfo.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

namespace baluhost {
namespace {

Result<void> check_no_restore(const HostOptions& o) {
  if (o.during_restore) return {};
  const std::string mark = restore_mark(o);
  if (std::error_code failure; !std::filesystem::exists(mark, failure)) return {};
  return Error{Errc::conflict,
               "a restore into " + o.data_dir +
                   " is under way or was not finished: run baluhostctl db restore again (" + mark +
                   " says what it makes)"};
}

/// The database before the keys: a tool that is pointed at the wrong place should say so, not that
/// keys are missing. Returns the reserve on the database's file system, where that is this machine.
Result<std::shared_ptr<SpaceReserve>> open_database_of(Backend& backend, const HostOptions& o,
                                                       HostRole role, const DatabaseHooks& hooks) {
  const DatabaseKind* kind = find_database_kind(o.database_url);
  const auto file = kind ? kind->file(o.database_url) : std::nullopt;
  auto reserve = file ? std::make_shared<SpaceReserve>(*file + "-reserve") : nullptr;
  if (reserve) reserve->make_room_to_open();
  const auto access = role == HostRole::server ? DatabaseAccess::create : DatabaseAccess::write;
  BALUHOST_TRY(auto database, open_database(database_options(o), access, hooks, &backend.schema));
  backend.database =
      with_record_floor(std::move(database), {reserve, o.files.min_free_bytes}, *backend.clock);
  return reserve;
}

Result<void> open_keys_of(Backend& backend, const HostOptions& o, HostRole role) {
  const auto missing =
      role == HostRole::server ? KeyDirectory::Missing::create : KeyDirectory::Missing::refuse;
  auto keys = KeyDirectory::open(o.keys_dir, missing, *backend.random, *backend.clock);
  if (!keys) return explained(std::move(keys).error(), "the keys in " + o.keys_dir);
  backend.keys = std::move(*keys);
  backend.tokens = make_jwt_codec(*backend.keys);
  backend.seeds = make_aes_seed_cipher(*backend.keys, *backend.random);
  backend.signer = make_ed25519_signer(*backend.keys);
  return {};
}

Result<void> open_blobs_of(Backend& backend, const HostOptions& o) {
  auto blobs = make_directory_blob_store({o.files.blob_dir, o.files.sha1}, *backend.digester,
                                         *backend.random, *backend.clock);
  if (!blobs) return explained(std::move(blobs).error(), "the blobs in " + o.files.blob_dir);
  backend.stored_blobs = blobs->get();
  auto encrypted =
      with_encryption(std::move(*blobs), {.encrypt = o.files.encryption, .sha1 = o.files.sha1},
                      *backend.keys, *backend.digester, *backend.random);
  backend.blobs = with_space_floor(std::move(encrypted), {o.files.min_free_bytes}, *backend.clock);
  return {};
}

Result<std::unique_ptr<YieldingHasher>> make_hasher(const HostOptions& options,
                                                    RandomSource& random) {
  Argon2Options argon2;
  argon2.memory_kib = static_cast<std::uint32_t>(options.auth.argon2_memory_kib);
  argon2.iterations = static_cast<std::uint32_t>(options.auth.argon2_iterations);
  argon2.parallelism = static_cast<std::uint32_t>(options.auth.argon2_parallelism);
  BALUHOST_TRY(auto hasher, make_argon2_hasher(argon2, random));
  return on_yielding_threads(std::move(hasher), std::max(1U, std::thread::hardware_concurrency()));
}

} // namespace

Result<std::unique_ptr<Backend>> begin_backend(const HostOptions& options) {
  auto backend = std::make_unique<Backend>();
  backend->clock = make_system_clock();
  backend->time_zones = make_zoneinfo();
  backend->random = make_openssl_random();
  backend->digester = make_openssl_digester();
  BALUHOST_TRY(backend->hasher, make_hasher(options, *backend->random));
  return backend;
}

Result<std::unique_ptr<Backend>> open_backend(const HostOptions& options, HostRole role,
                                              const DatabaseHooks& hooks) {
  BALUHOST_CHECK(check_no_restore(options));
  BALUHOST_TRY(auto backend, begin_backend(options));
  BALUHOST_TRY(const auto reserve, open_database_of(*backend, options, role, hooks));
  BALUHOST_CHECK(open_keys_of(*backend, options, role));
  backend->anchors = make_anchor_file(options.audit.anchor_file);
  if (reserve) backend->anchors = with_reserve(std::move(backend->anchors), reserve);
  BALUHOST_CHECK(open_blobs_of(*backend, options));
  return backend;
}

} // namespace baluhost
