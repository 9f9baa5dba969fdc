#include "backup/backup_contents.hpp"

#include "json/json_reader.hpp"

#include "baluhost/core/operations/scrub.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace baluhost {
namespace {

constexpr std::size_t kMostNamed = 10; ///< contents, and files of them

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

std::string to_json(const BadBlob& bad_blob) {
  return JsonObject{}
      .add("blob", bad_blob.blob.value)
      .add("kind", kind_of(bad_blob))
      .add("detail", bad_blob.detail)
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

Result<BadBlob> parse_bad_blob(std::string_view json) {
  BALUHOST_TRY(auto members, JsonMembers::read(json));
  BALUHOST_TRY(const auto text, members.text("blob"));
  BALUHOST_TRY(const auto kind, members.text("kind"));
  BALUHOST_TRY(auto detail, members.text("detail"));
  auto blob = BlobId::parse(text);
  if (!blob) return damaged();
  return BadBlob{.blob = *std::move(blob),
                 .is_missing = kind == to_string(ScrubKind::missing),
                 .detail = std::move(detail)};
}

/// The list that is the member `name`; an empty one where there is none.
template <class T>
Result<std::vector<T>> parse_list(JsonMembers& members, std::string_view name,
                                  Result<T> (*parse)(std::string_view)) {
  std::vector<T> list;
  if (!members.has(name)) return list;
  BALUHOST_TRY(const auto json, members.json(name));
  BALUHOST_TRY(const auto elements, read_json_array(json));
  for (const std::string_view element : elements) {
    BALUHOST_TRY(auto item, parse(element));
    list.push_back(std::move(item));
  }
  return list;
}

} // namespace

Result<Manifest> manifest_of(ReadTransaction& tx) {
  Manifest manifest;
  std::optional<BlobId> after;
  for (;;) {
    BALUHOST_TRY(const auto page, tx.files().contents(after, 1000));
    if (page.empty()) return manifest;
    for (const Content& content : page)
      manifest.emplace(content.blob, BackupBlob{content.size, content.sha256});
    after = page.back().blob;
  }
}

std::string to_text(const Manifest& manifest) {
  std::string text;
  for (const auto& [id, blob] : manifest)
    text += id.value + ' ' + std::to_string(blob.size) + ' ' + blob.sha256.hex() + '\n';
  return text;
}

Result<Manifest> parse_manifest(std::string_view text) {
  Manifest manifest;
  while (!text.empty()) {
    std::string_view line = next(text, '\n');
    auto id = BlobId::parse(next(line, ' '));
    const std::string_view digits = next(line, ' ');
    BackupBlob blob;
    const char* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, blob.size);
    const auto sha256 = Sha256Digest::parse_hex(line);
    if (!id || read.ec != std::errc{} || read.ptr != end || !sha256) return damaged();
    blob.sha256 = *sha256;
    manifest.emplace(*std::move(id), blob);
  }
  return manifest;
}

std::string_view kind_of(const BadBlob& bad_blob) {
  return to_string(bad_blob.is_missing ? ScrubKind::missing : ScrubKind::damaged);
}

std::optional<BadBlob> check_blob(const BlobId& blob, const BackupBlob& wanted,
                                  const CopiedContent* copy) {
  BadBlob bad_blob{.blob = blob};
  if (copy == nullptr) {
    bad_blob.is_missing = true;
    bad_blob.detail = "the blob is not there";
  } else if (!copy->trouble.empty()) {
    bad_blob.is_certain = copy->is_opened;
    bad_blob.detail = copy->trouble;
  } else if (copy->size != wanted.size) {
    bad_blob.detail = "the size differs";
  } else if (copy->sha256 != wanted.sha256) {
    bad_blob.detail = "the SHA-256 differs";
  } else {
    return std::nullopt;
  }
  return bad_blob;
}

Result<BadContents> to_bad_contents(Database& database, const std::vector<BadBlob>& bad_blobs) {
  BadContents bad;
  for (const BadBlob& bad_blob : bad_blobs) ++(bad_blob.is_missing ? bad.missing : bad.damaged);
  using Named = std::vector<BadContent>;
  BALUHOST_TRY(bad.named, query(database, [&](ReadTransaction& tx) -> Result<Named> {
                 Named named;
                 std::size_t paths = 0;
                 for (const BadBlob& bad_blob : bad_blobs) {
                   if (named.size() == kMostNamed || paths >= kMostNamed) break;
                   BALUHOST_TRY(const auto found,
                                tx.files().paths_of_blob(bad_blob.blob, kMostNamed - paths));
                   BadContent content{.blob = bad_blob.blob,
                                      .is_missing = bad_blob.is_missing,
                                      .detail = bad_blob.detail};
                   for (const FilePath& path : found) content.paths.push_back(path.str());
                   paths += found.size();
                   named.push_back(std::move(content));
                 }
                 return named;
               }));
  return bad;
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
  if (!description.bad_blobs.empty()) {
    std::vector<std::string> bad_blobs;
    for (const BadBlob& bad_blob : description.bad_blobs) bad_blobs.push_back(to_json(bad_blob));
    json.add_json("bad_contents", json_array(bad_blobs));
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
  const bool names_files = members->has("files");
  auto files = parse_list<BackupFile>(*members, "files", parse_file);
  auto bad_blobs = parse_list<BadBlob>(*members, "bad_contents", parse_bad_blob);
  if (!files || !bad_blobs) return damaged();
  if (names_files) description.files = *std::move(files);
  description.bad_blobs = *std::move(bad_blobs);
  return description;
}

} // namespace baluhost
