#include "backup/backup_contents.hpp"

#include "json/json_reader.hpp"

#include "baluhost/domain/details.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace baluhost {
namespace {

Error damaged() { return {Errc::unavailable, "is damaged"}; }

/// The text up to the next `end`, which is taken from `rest`; all of it where there is none.
std::string_view next(std::string_view& rest, char end) {
  const auto at = std::min(rest.find(end), rest.size());
  const auto word = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return word;
}

} // namespace

Result<Manifest> manifest_of(ReadTransaction& tx) {
  Manifest manifest;
  std::optional<BlobId> after;
  for (;;) {
    BALUHOST_TRY(const auto page, tx.files().contents(after, 1000));
    if (page.empty()) return manifest;
    for (const Content& content : page)
      manifest.emplace(content.blob.value, BackupBlob{content.size, content.sha256});
    after = page.back().blob;
  }
}

std::string to_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [id, blob] : manifest)
    text += id + ' ' + std::to_string(blob.size) + ' ' + blob.sha256.hex() + '\n';
  return text;
}

Result<Manifest> parse_manifest(std::string_view text) {
  Manifest manifest;
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    const std::string_view id = next(line, ' ');
    const std::string_view digits = next(line, ' ');
    BackupBlob blob;
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, blob.size);
    const auto sha256 = Sha256Digest::parse_hex(line);
    if (!BlobId::is_valid(id) || read.ec != std::errc{} || read.ptr != end || !sha256)
      return damaged();
    blob.sha256 = *sha256;
    manifest.emplace(id, blob);
  }
  return manifest;
}

std::string to_text(const BackupDescription& description) {
  return JsonObject{}
             .add("program", "baluhostctl")
             .add("version", description.version)
             .add("created_at", description.created_at.to_rfc3339())
             .add("database", description.database)
             .add("schema_version", description.schema_version)
             .add("with_blobs", description.with_blobs)
             .add("blobs", description.blobs)
             .add("bytes", description.bytes)
             .str() +
         "\n";
}

Result<BackupDescription> parse_description(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  auto members = JsonMembers::read(text);
  if (!members) return damaged();
  auto database = members->text("database");
  const auto with_blobs = members->boolean("with_blobs");
  if (!database || !with_blobs) return damaged();
  BackupDescription description;
  description.database = std::move(*database);
  description.with_blobs = *with_blobs;
  return description;
}

} // namespace baluhost
