#pragma once

#include "hashing/yielding_hasher.hpp"

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/filesystem/record_floor.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/host.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "baluhost/ports/seed_cipher.hpp"
#include "baluhost/ports/time_zones.hpp"
#include "baluhost/ports/token_codec.hpp"

#include <memory>

namespace baluhost {

/// The driven side: one adapter of each port, as the options name them.
struct Backend {
  std::unique_ptr<Clock> clock;
  std::unique_ptr<TimeZones> time_zones;
  std::unique_ptr<RandomSource> random;
  std::unique_ptr<Digester> digester;
  std::unique_ptr<YieldingHasher> hasher;
  std::unique_ptr<KeyDirectory> keys;
  std::unique_ptr<TokenCodec> tokens;
  std::unique_ptr<SeedCipher> seeds;
  std::unique_ptr<SealSigner> signer;
  std::unique_ptr<AnchorLog> anchors;
  std::unique_ptr<BlobStore> blobs;
  const BlobStore* stored_blobs{}; ///< below `blobs`, as they lie; null: as their contents are
  std::unique_ptr<RecordFloor> database;
  SchemaChange schema;
};

/// Opens everything. conflict: also where a restore was not finished. Else as of the adapters; an
/// error's `detail` is a message for the person at the terminal, without secrets.
Result<std::unique_ptr<Backend>> open_backend(const HostOptions& options, HostRole role,
                                              const DatabaseHooks& hooks);

/// The database and the blobs in memory, with new keys, over everything else that a host has.
Result<std::unique_ptr<Backend>> open_memory_backend(const HostOptions& options,
                                                     const DatabaseHooks& hooks);

/// What every host has, wherever its data lies: clock, time zones, randomness, digests, and a
/// hasher with the cost that `options` name. invalid_request.
Result<std::unique_ptr<Backend>> begin_backend(const HostOptions& options);

} // namespace baluhost
