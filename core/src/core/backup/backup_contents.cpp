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

std::string to_json(const BackupFile& file) {
  return JsonObject{}
      .add("name", file.name)
      .add("size", file.size)
      .add("sha256", file.sha256.hex())
      .str();
}

/// A name that leads nowhere but below the backup.
bool is_below(std::string_view name) {
  if (name.empty() || name.starts_with('/') || name.find('\0') != std::string_view::npos)
    return false;
  while (!name.empty()) {
    const std::string_view part = next(name, '/');
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

Result<BackupFile> parse_file(std::string_view json) {
  BALUHOST_TRY(auto members, JsonMembers::read(json));
  BackupFile file;
  BALUHOST_TRY(file.name, members.text("name"));
  BALUHOST_TRY(file.size, members.integer("size"));
  BALUHOST_TRY(const auto sha256, members.text("sha256"));
  const auto digest = Sha256Digest::parse_hex(sha256);
  if (!digest || !is_below(file.name)) return damaged();
  file.sha256 = *digest;
  return file;
}

Result<std::vector<BackupFile>> parse_files(std::string_view json) {
  BALUHOST_TRY(const auto elements, read_json_array(json));
  std::vector<BackupFile> files;
  for (const std::string_view element : elements) {
    BALUHOST_TRY(auto file, parse_file(element));
    files.push_back(std::move(file));
  }
  return files;
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
  JsonObject json;
  json.add("program", "baluhostctl")
      .add("version", description.version)
      .add("created_at", description.created_at.to_rfc3339())
      .add("database", description.database)
      .add("schema_version", description.schema_version)
      .add("with_blobs", description.with_blobs)
      .add("blobs", description.blobs)
      .add("bytes", description.bytes);
  if (description.files) {
    std::vector<std::string> files;
    for (const BackupFile& file : *description.files) files.push_back(to_json(file));
    json.add_json("files", json_array(files));
  }
  return json.str() + "\n";
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
  if (!members->has("files")) return description;
  const auto files = members->json("files");
  auto parsed = files ? parse_files(*files) : damaged();
  if (!parsed) return damaged();
  description.files = *std::move(parsed);
  return description;
}

} // namespace baluhost
