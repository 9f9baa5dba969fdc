#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "openssl_handles.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Ed25519 (RFC 8032) with the key formats of RFC 8410, by OpenSSL.
namespace baluhost::ed25519 {

Result<PkeyPtr> from_raw_private(const Secret& raw); ///< 32 bytes
/// An unencrypted PKCS #8 PEM; conflict otherwise, with `name` in `detail`.
Result<PkeyPtr> parse_private_pem(const Secret& pem, const std::string& name);
Result<Secret> private_pem(EVP_PKEY* key);
std::string public_pem(EVP_PKEY* key);
/// All keys of concatenated PEMs; invalid_request if there is none, or something else among them.
Result<std::vector<PkeyPtr>> parse_public_pems(std::string_view pems);

/// Hex of the first 8 bytes of the SHA-256 of the raw public key.
std::string key_id(EVP_PKEY* key);

/// A key for MACs that follows from the private half, and from which that does not follow: the HMAC
/// of a fixed text by the 32 raw bytes, as HKDF (RFC 5869) extracts and expands.
Result<Secret> mac_key(EVP_PKEY* key);
/// HMAC-SHA-256 (RFC 2104).
Sha256Digest hmac(const Secret& key, std::string_view message) noexcept;

Result<std::string> sign(EVP_PKEY* key, std::string_view message);
bool verify(EVP_PKEY* key, std::string_view message, std::string_view signature) noexcept;

} // namespace baluhost::ed25519
