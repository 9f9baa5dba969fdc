#pragma once

#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The headers of tus 1.0.0.
namespace baluhost::http {

/// What `Upload-Metadata` says, of the keys we know; others are ignored.
struct UploadMetadata {
  std::optional<std::string> path;
  bool overwrite{false};
  bool parents{false};
  std::optional<Sha256Digest> sha256;
};
/// invalid_request: malformed pairs, a key twice, broken base64, a bad value of a known key.
Result<UploadMetadata> parse_upload_metadata(std::string_view header);
/// The header that says this again.
std::string format_upload_metadata(const UploadMetadata& metadata);

/// Of `Upload-Checksum`: "sha1 <base64>" or "sha256 <base64>". invalid_request.
Result<ChunkChecksum> parse_upload_checksum(std::string_view header);

} // namespace baluhost::http
