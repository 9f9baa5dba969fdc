#pragma once

#include "configuration.hpp"

#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace baluhost::migrate {

struct ChainHead {
  std::string head; ///< hash of the newest seal, hex
  std::int64_t events{};
};

/// The public keys in `server.keys_dir`. not_found, invalid_request: they are not there, or no
/// keys.
Result<std::unique_ptr<SealVerifier>> seal_keys(const Configuration& configuration);
/// Whether the keys are there that the event of a migration is written with. Errors as of
/// `KeyDirectory::open`.
Result<void> private_keys(const Configuration& configuration);

/// Verifies the audit trail in the database at `url` with the public keys in `server.keys_dir`;
/// none if nothing is sealed. An error names the first problem.
Result<std::optional<ChainHead>> chain_head(const Configuration& configuration,
                                            const std::string& url, const Digester& digester,
                                            bool shows_progress);

/// Writes `database_migrated` into the finished target, sealed where the seal's key is at hand;
/// gives what was done. The first event with an id beyond `after` in the database at `url` that no
/// seal covers, though it should; none if there is no such. A server that runs there has a minute
/// to seal what it wrote.
Result<std::optional<EventId>> unsealed_event(const Configuration& configuration,
                                              const std::string& url, EventId after);

Result<std::string> record_migration(const Configuration& configuration, const std::string& url,
                                     const std::string& source, std::int64_t rows,
                                     std::int64_t tables);

} // namespace baluhost::migrate
