#pragma once

#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/host/host_options.hpp"
#include "baluhost/ports/anchor_log.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Parts for a program that has no host open: an auditor with a copy, a migration.
namespace baluhost {

/// Those of a host.
std::unique_ptr<Clock> make_clock();
Timestamp system_now();
std::unique_ptr<Digester> make_digester();

/// Verifies with public keys in PEM, one after another. invalid_request.
Result<std::unique_ptr<SealVerifier>> make_seal_verifier(std::string_view public_keys);

/// The newest anchor in `file`; none where there is no file. unavailable.
Result<std::optional<Anchor>> newest_anchor(const std::string& file);

/// Signs with the keys in `keys_dir`, which must be there. Errors as of `KeyDirectory::open`.
Result<std::unique_ptr<SealSigner>> open_seal_signer(const HostOptions& options);

/// 128 random bits in hex.
Result<InstanceId> make_instance_id();

} // namespace baluhost
