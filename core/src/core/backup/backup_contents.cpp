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

std::string to_json(const Fault& fault) {
  return JsonObject{}
      .add("blob", fault.blob.value)
      .add("kind", kind_of(fault))
      .add("detail", fault.detail)
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

Result<Fault> parse_fault(std::string_view json) {
  BALUHOST_TRY(auto members, JsonMembers::read(json));
  BALUHOST_TRY(auto blob, members.text("blob"));
  BALUHOST_TRY(const auto kind, members.text("kind"));
  BALUHOST_TRY(auto detail, members.text("detail"));
  if (!BlobId::is_valid(blob)) return damaged();
  return Fault{.blob = BlobId{std::move(blob)},
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

std::string_view kind_of(const Fault& fault) {
  return to_string(fault.is_missing ? ScrubKind::missing : ScrubKind::damaged);
}

std::optional<Fault> fault_of(const BlobId& blob, const BackupBlob& wanted,
                              const CopiedContent* copy) {
  Fault fault{.blob = blob};
  if (copy == nullptr) {
    fault.is_missing = true;
    fault.detail = "the blob is not there";
  } else if (!copy->trouble.empty()) {
    fault.is_certain = copy->is_opened;
    fault.detail = copy->trouble;
  } else if (copy->size != wanted.size) {
    fault.detail = "the size differs";
  } else if (copy->sha256 != wanted.sha256) {
    fault.detail = "the SHA-256 differs";
  } else {
    return std::nullopt;
  }
  return fault;
}

Result<BadContents> to_bad_contents(Database& database, const std::vector<Fault>& faults) {
  BadContents bad;
  for (const Fault& fault : faults) ++(fault.is_missing ? bad.missing : bad.damaged);
  using Named = std::vector<BadContent>;
  BALUHOST_TRY(bad.named, query(database, [&](ReadTransaction& tx) -> Result<Named> {
                 Named named;
                 std::size_t paths = 0;
                 for (const Fault& fault : faults) {
                   if (named.size() == kMostNamed || paths >= kMostNamed) break;
                   BALUHOST_TRY(const auto found,
                                tx.files().paths_of_blob(fault.blob, kMostNamed - paths));
                   BadContent content{
                       .blob = fault.blob, .is_missing = fault.is_missing, .detail = fault.detail};
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
  if (!description.faults.empty()) {
    std::vector<std::string> faults;
    for (const Fault& fault : description.faults) faults.push_back(to_json(fault));
    json.add_json("bad_contents", json_array(faults));
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
  auto faults = parse_list<Fault>(*members, "bad_contents", parse_fault);
  if (!files || !faults) return damaged();
  if (names_files) description.files = *std::move(files);
  description.faults = *std::move(faults);
  return description;
}

} // namespace baluhost
