#include "backend.hpp"

#include "baluhost/crypto/argon2_hasher.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/filesystem/space_floor.hpp"
#include "baluhost/filesystem/system_clock.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <thread>

namespace baluhost {
namespace {

/// The error with what was attempted in front of its detail: a person reads it, not a program.
Error explained(Error error, std::string_view attempt) {
  std::string reason = error.detail;
  if (reason.empty())
    reason = error.fields.empty() ? std::string{code_of(error.code)} : error.fields.front().detail;
  error.detail = fmt::format("{}: {}", attempt, reason);
  return error;
}

enum class Access { create, write, read, read_unfinished };

Result<std::unique_ptr<Database>> open_sqlite(const Configuration& c, Access access,
                                              const DatabaseHooks& hooks, SchemaChange& change) {
  SqliteOptions options;
  options.path = sqlite_path(c);
  options.readers = static_cast<int>(c.database.pool_size);
  options.create = access == Access::create;
  options.read_only = access == Access::read || access == Access::read_unfinished;
  options.unfinished = access == Access::read_unfinished;
  options.on_group = hooks.on_group;
  options.on_listener_failure = hooks.on_listener_failure;
  options.on_schema_change = [&change](const SqliteSchemaChange& made) {
    change = {made.from, made.to};
  };
  return make_sqlite_database(options);
}

Result<PostgresOptions> postgres_options(const Configuration& c, Access access) {
  PostgresOptions options;
  options.url = c.database.url;
  options.pool_size = static_cast<int>(c.database.pool_size);
  options.create = access == Access::create;
  options.read_only = access == Access::read || access == Access::read_unfinished;
  options.unfinished = access == Access::read_unfinished;
  BALUHOST_TRY(options.password, database_password(c));
  return options;
}

Result<std::unique_ptr<Database>> open_postgres(const Configuration& c, Access access,
                                                const DatabaseHooks& hooks, SchemaChange& change) {
  BALUHOST_TRY(auto options, postgres_options(c, access));
  options.on_retry = hooks.on_retry;
  options.on_listener_failure = hooks.on_listener_failure;
  options.on_schema_change = [&change](const PostgresSchemaChange& made) {
    change = {made.from, made.to};
  };
  return make_postgres_database(options);
}

Result<std::unique_ptr<Database>> open(const Configuration& c, Access access,
                                       const DatabaseHooks& hooks, SchemaChange& change) {
  auto opened = is_sqlite(c) ? open_sqlite(c, access, hooks, change)
                             : open_postgres(c, access, hooks, change);
  if (!opened)
    return explained(std::move(opened).error(), "the database " + redacted_url(c.database.url));
  return opened;
}

} // namespace

Result<std::unique_ptr<Backend>> open_backend(const Configuration& c, OpenMode mode,
                                              const DatabaseHooks& hooks) {
  if (std::error_code failure; std::filesystem::exists(restore_mark(c), failure)) {
    return Error{Errc::conflict,
                 "a restore into " + c.server.data_dir +
                     " is under way or was not finished: run baluhostctl db restore again (" +
                     restore_mark(c) + " says what it makes)"};
  }
  auto backend = std::make_unique<Backend>();
  backend->clock = make_system_clock();
  backend->random = make_openssl_random();
  backend->digester = make_openssl_digester();

  Argon2Options argon2;
  argon2.memory_kib = static_cast<std::uint32_t>(c.auth.argon2_memory_kib);
  argon2.iterations = static_cast<std::uint32_t>(c.auth.argon2_iterations);
  argon2.parallelism = static_cast<std::uint32_t>(c.auth.argon2_parallelism);
  BALUHOST_TRY(auto hasher, make_argon2_hasher(argon2, *backend->random));
  backend->hasher =
      on_yielding_threads(std::move(hasher), std::max(1U, std::thread::hardware_concurrency()));

  // The database first: a tool that is pointed at the wrong place should say so, not that keys are
  // missing.
  auto reserve =
      is_sqlite(c) ? std::make_shared<SpaceReserve>(sqlite_path(c) + "-reserve") : nullptr;
  if (reserve) reserve->make_room_to_open();
  BALUHOST_TRY(auto database, open(c, mode == OpenMode::create ? Access::create : Access::write,
                                   hooks, backend->schema));
  backend->database =
      with_record_floor(std::move(database), {reserve, c.files.min_free_bytes}, *backend->clock);

  const auto missing =
      mode == OpenMode::create ? KeyDirectory::Missing::create : KeyDirectory::Missing::refuse;
  auto keys = KeyDirectory::open(c.server.keys_dir, missing, *backend->random, *backend->clock);
  if (!keys) return explained(std::move(keys).error(), "the keys in " + c.server.keys_dir);
  backend->keys = std::move(*keys);
  backend->tokens = make_jwt_codec(*backend->keys);
  backend->signer = make_ed25519_signer(*backend->keys);
  backend->anchors = make_anchor_file(c.audit.anchor_file);
  if (reserve) backend->anchors = with_reserve(std::move(backend->anchors), reserve);

  auto blobs = make_directory_blob_store({c.files.blob_dir, c.files.sha1}, *backend->digester,
                                         *backend->random, *backend->clock);
  if (!blobs) return explained(std::move(blobs).error(), "the blobs in " + c.files.blob_dir);
  backend->blobs = with_space_floor(std::move(*blobs), {c.files.min_free_bytes}, *backend->clock);
  return backend;
}

Result<std::unique_ptr<Database>> open_database_read_only(const Configuration& c, bool unfinished) {
  SchemaChange unchanged;
  return open(c, unfinished ? Access::read_unfinished : Access::read, {}, unchanged);
}

Result<std::unique_ptr<Database>> open_database(const Configuration& c) {
  SchemaChange unchanged;
  return open(c, Access::write, {}, unchanged);
}

Result<void> share_snapshot(
    const Configuration& c,
    const std::function<Result<void>(ReadTransaction& tx, const std::string& snapshot)>& work) {
  BALUHOST_TRY(const auto options, postgres_options(c, Access::read));
  return share_postgres_snapshot(options, work);
}

Result<bool> is_empty_postgres(const Configuration& c) {
  BALUHOST_TRY(const auto options, postgres_options(c, Access::read));
  auto answered = is_empty_postgres_database(options);
  if (!answered)
    return explained(std::move(answered).error(), "the database " + redacted_url(c.database.url));
  return answered;
}

Result<void> clear_postgres(const Configuration& c) {
  BALUHOST_TRY(const auto options, postgres_options(c, Access::write));
  auto cleared = clear_postgres_database(options);
  if (!cleared)
    return explained(std::move(cleared).error(), "the database " + redacted_url(c.database.url));
  return cleared;
}

std::string restore_mark(const Configuration& c) {
  return c.server.data_dir + "/restore-unfinished";
}

Result<std::optional<Secret>> database_password(const Configuration& c) {
  if (c.database.password_file.empty()) return std::optional<Secret>{};
  BALUHOST_TRY(const Secret raw, read_secret_file(c.database.password_file));
  std::string_view text = raw.reveal();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return std::optional<Secret>{Secret{std::string{text}}};
}

std::unique_ptr<Clock> make_clock() { return make_system_clock(); }

Timestamp system_now() { return make_system_clock()->now(); }

bool is_sqlite(const Configuration& c) { return c.database.url.starts_with("sqlite:"); }

std::string sqlite_path(const Configuration& c) {
  std::string path = c.database.url.substr(std::string_view{"sqlite:"}.size());
  if (path.starts_with("///")) path.erase(0, 2); // sqlite:///srv/baluhost.db
  return path;
}

Result<InstanceId> make_instance_id(RandomSource& random) {
  BALUHOST_TRY(const std::string bytes, random.bytes(16));
  return InstanceId{to_hex(bytes)};
}

} // namespace baluhost
