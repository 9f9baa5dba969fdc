#include "routes/upload_metadata.hpp"

#include "fields/http_names.hpp"

#include <set>

namespace baluhost::http {
namespace {

/// A flag is set by its bare key, or by a value that says so.
Result<bool> flag_value(const std::string& value) {
  if (value.empty() || value == "true") return true;
  if (value == "false") return false;
  return invalid("a flag of Upload-Metadata is true or false");
}

} // namespace

Result<UploadMetadata> parse_upload_metadata(std::string_view header) {
  UploadMetadata metadata;
  std::set<std::string_view> seen;
  while (!header.empty()) {
    auto pair = trimmed(take_until(header, ','));
    const auto key = take_until(pair, ' ');
    if (key.empty() || pair.find(' ') != std::string_view::npos)
      return invalid("Upload-Metadata is malformed");
    if (!seen.insert(key).second) return invalid("Upload-Metadata has a key twice");
    auto value = from_base64(pair);
    if (!value) return invalid("a value of Upload-Metadata is no base64");
    if (key == "path") {
      metadata.path = *std::move(value);
    } else if (key == "overwrite") {
      BALUHOST_TRY(metadata.overwrite, flag_value(*value));
    } else if (key == "parents") {
      BALUHOST_TRY(metadata.parents, flag_value(*value));
    } else if (key == "sha256") {
      auto digest = Sha256Digest::parse_hex(*value);
      if (!digest) return invalid("sha256 of Upload-Metadata is 64 hex digits");
      metadata.sha256 = *digest;
    }
  }
  return metadata;
}

std::string format_upload_metadata(const UploadMetadata& metadata) {
  std::string header;
  const auto add = [&](std::string_view pair) {
    header.append(header.empty() ? "" : ",").append(pair);
  };
  if (metadata.path) add("path " + to_base64(*metadata.path));
  if (metadata.overwrite) add("overwrite");
  if (metadata.parents) add("parents");
  if (metadata.sha256) add("sha256 " + to_base64(metadata.sha256->hex()));
  return header;
}

Result<ChunkChecksum> parse_upload_checksum(std::string_view header) {
  const auto algorithm = take_until(header, ' ');
  ChunkChecksum checksum;
  const auto raw = from_base64(header);
  if (!raw) return invalid("Upload-Checksum is an algorithm and base64");
  if (algorithm == "sha256") {
    BALUHOST_TRY(checksum.sha256, Sha256Digest::from_bytes(*raw));
  } else if (algorithm == "sha1") {
    BALUHOST_TRY(checksum.sha1, Sha1Digest::from_bytes(*raw));
  } else {
    return invalid("Upload-Checksum knows sha1 and sha256");
  }
  return checksum;
}

} // namespace baluhost::http
