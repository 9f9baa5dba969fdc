#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Content-Digest and Repr-Digest (RFC 9530).
namespace baluhost::http {

/// The `sha-256` of a digest field, a dictionary of byte sequences (RFC 8941); none where it names
/// other algorithms only. invalid_request.
Result<std::optional<Sha256Digest>> parse_digest_field(std::string_view header);

/// The two fields as they came; null data where one is missing.
struct DigestFields {
  std::string_view content{};
  std::string_view repr{};
};

/// What Content-Digest and Repr-Digest agree on; none where both are missing. invalid_request;
/// digest_mismatch where they differ.
Result<std::optional<Sha256Digest>> announced_digest(const DigestFields& fields);

/// The field that says `digest`: "sha-256=:…:".
std::string digest_field(const Sha256Digest& digest);

} // namespace baluhost::http
