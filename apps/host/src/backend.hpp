#pragma once

#include "configuration.hpp"
#include "yielding_hasher.hpp"

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/filesystem/record_floor.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// What a database adapter reports while it works; all optional.
struct DatabaseHooks {
  std::function<void(std::size_t)> on_group; ///< how many writes one commit carried
  std::function<void()> on_retry;
  std::function<void(std::string_view what)> on_listener_failure;
};

/// What opening a database did to its schema.
struct SchemaChange {
  std::int64_t from{}; ///< 0: it was empty
  std::int64_t to{};
  [[nodiscard]] bool changed() const noexcept { return from != to; }
};

/// The first version of the schema, of either database, whose events have tags.
inline constexpr std::int64_t kSchemaWithTags = 9;

/// The driven side: one adapter of each port, as the configuration names them. The only place that
/// names adapters.
struct Backend {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<RandomSource> random;
  std::unique_ptr<Digester> digester;
  std::unique_ptr<YieldingHasher> hasher;
  std::unique_ptr<KeyDirectory> keys;
  std::unique_ptr<TokenCodec> tokens;
  std::unique_ptr<SealSigner> signer;
  std::unique_ptr<AnchorLog> anchors;
  std::unique_ptr<BlobStore> blobs;
  std::unique_ptr<RecordFloor> database;
  SchemaChange schema;
};

enum class OpenMode {
  create,   ///< a server: makes what is missing, upgrades the schema
  existing, ///< a tool: everything must be there, in the present version
};

/// Opens everything. An error's `detail` is a message for the person at the terminal, without
/// secrets.
Result<std::unique_ptr<Backend>> open_backend(const Configuration& configuration, OpenMode mode,
                                              const DatabaseHooks& hooks = {});

/// The database alone, for reading: a copy or a backup, without keys or blobs.
/// `unfinished`: also where a migration into it is not finished.
Result<std::unique_ptr<Database>> open_database_read_only(const Configuration& configuration,
                                                          bool unfinished = false);
/// The database alone, for a tool that has no server's files at hand.
Result<std::unique_ptr<Database>> open_database(const Configuration& configuration);

/// `share_postgres_snapshot` of the configured database, which is a PostgreSQL.
Result<void> share_snapshot(
    const Configuration& configuration,
    const std::function<Result<void>(ReadTransaction& tx, const std::string& snapshot)>& work);

/// Whether the configured database, which is a PostgreSQL, holds nothing at all. Errors as of
/// `is_empty_postgres_database`.
Result<bool> is_empty_postgres(const Configuration& configuration);
/// Takes BaluHost's tables out of it. Errors as of `clear_postgres_database`.
Result<void> clear_postgres(const Configuration& configuration);

/// The file that is there while a restore into the data directory is under way or was not finished;
/// `open_backend` refuses then, with conflict.
std::string restore_mark(const Configuration& configuration);

/// What `database.password_file` holds; none where it is not set.
Result<std::optional<Secret>> database_password(const Configuration& configuration);

/// The time, for a program that has no backend open.
std::unique_ptr<Clock> make_clock();
Timestamp system_now();

bool is_sqlite(const Configuration& configuration);
std::string sqlite_path(const Configuration& configuration); ///< of a `sqlite:` URL

/// 128 random bits in hex.
Result<InstanceId> make_instance_id(RandomSource& random);

} // namespace baluhost
