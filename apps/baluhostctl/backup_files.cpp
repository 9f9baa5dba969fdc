#include "backup_files.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/host/offline.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace baluhost::ctl {
namespace {

/// The text of a member of our own, flat description.
std::string member(const std::string& json, const std::string& name) {
  const auto found = json.find('"' + name + "\":");
  if (found == std::string::npos) return {};
  const auto begin = found + name.size() + 3;
  const auto end = json.find_first_of(",}", begin);
  std::string value = json.substr(begin, end - begin);
  if (value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
  return value;
}

} // namespace

Error failed(const fs::path& path, const std::string& why) {
  return Error{Errc::unavailable, path.string() + ": " + why};
}

bool is_absent_or_empty(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(fs::symlink_status(path, failure))) return true;
  return fs::is_directory(path, failure) && fs::is_empty(path, failure);
}

Result<void> copy_private(const fs::path& from, const fs::path& to) {
  std::error_code failure;
  if (!fs::copy_file(from, to, failure) || failure) return failed(to, failure.message());
  fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failure);
  return {};
}

Result<void> copy_keys(const fs::path& from, const fs::path& to) {
  BALUHOST_CHECK(make_private_directory(to.string()));
  std::error_code failure;
  for (fs::directory_iterator it{from, failure}, end; !failure && it != end;
       it.increment(failure)) {
    if (it->is_regular_file()) BALUHOST_CHECK(copy_private(it->path(), to / it->path().filename()));
  }
  if (failure) return failed(from, failure.message());
  return {};
}

fs::path place_of(const fs::path& root, const std::string& id) {
  return root / id.substr(0, 2) / id;
}

Result<Manifest> manifest_of(ReadTransaction& tx) {
  Manifest manifest;
  std::optional<BlobId> after;
  for (;;) {
    BALUHOST_TRY(const auto page, tx.files().contents(after, 1000));
    if (page.empty()) return manifest;
    for (const Content& content : page)
      manifest.emplace(content.blob.value, BackupBlob{content.size, content.sha256.hex()});
    after = page.back().blob;
  }
}

Result<void> write_manifest(const fs::path& directory, const Manifest& manifest) {
  std::string text;
  for (const auto& [id, blob] : manifest)
    text += fmt::format("{} {} {}\n", id, blob.size, blob.sha256);
  return write_private_file((directory / kManifest).string(), text);
}

Result<Manifest> read_manifest(const fs::path& directory) {
  std::ifstream file{directory / kManifest};
  if (!file)
    return failed(directory / kManifest, "cannot be read: this is no backup, or not a whole one");
  Manifest manifest;
  std::string id;
  BackupBlob blob;
  while (file >> id >> blob.size >> blob.sha256) {
    if (id.size() != 32 || id.find_first_not_of("0123456789abcdef") != std::string::npos) break;
    manifest.emplace(id, blob);
  }
  if (!file.eof()) return failed(directory / kManifest, "is damaged");
  return manifest;
}

Result<void> write_description(const fs::path& directory, const Description& description) {
  return write_private_file((directory / kDescription).string(),
                            JsonObject{}
                                    .add("program", "baluhostctl")
                                    .add("version", BALUHOST_VERSION)
                                    .add("created_at", system_now().to_rfc3339())
                                    .add("database", description.database)
                                    .add("schema_version", description.schema_version)
                                    .add("with_blobs", description.with_blobs)
                                    .add("blobs", description.blobs)
                                    .add("bytes", description.bytes)
                                    .str() +
                                "\n");
}

Result<Description> read_description(const fs::path& directory) {
  const auto text = read_text(directory / kDescription);
  if (!text)
    return failed(directory / kDescription,
                  "cannot be read: this is no backup, or not a whole one");
  Description description;
  description.database = member(*text, "database");
  description.with_blobs = member(*text, "with_blobs") == "true";
  return description;
}

Result<std::string> read_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return failed(path, std::strerror(errno));
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

} // namespace baluhost::ctl
