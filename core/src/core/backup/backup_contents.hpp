#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/backup_files.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a backup's own files say.
namespace baluhost {

/// A line for each blob: id, size, SHA-256.
inline constexpr std::string_view kManifestFile = "blobs.manifest";
/// Written last: a directory without it is not a whole backup.
inline constexpr std::string_view kDescriptionFile = "backup.json";

struct BackupBlob {
  std::int64_t size{};
  Sha256Digest sha256;
  bool operator==(const BackupBlob&) const = default;
};

/// By the blobs' ids.
using Manifest = std::map<std::string, BackupBlob>;

/// What the database refers to.
Result<Manifest> manifest_of(ReadTransaction& tx);

std::string to_text(const Manifest& manifest);
/// unavailable: it is damaged, as `detail` says.
Result<Manifest> parse_manifest(std::string_view text);

struct BackupDescription {
  std::string version; ///< of the program that made it
  Timestamp created_at;
  std::string database; ///< as in `DatabaseStatus::kind`
  std::int64_t schema_version{};
  bool with_blobs{false};
  std::int64_t blobs{};
  std::int64_t bytes{};
  /// All of its files but this one and the blobs, which the list of blobs names; none in backups of
  /// older versions.
  std::optional<std::vector<BackupFile>> files;
};

std::string to_text(const BackupDescription& description);
/// Of what restoring needs. unavailable: it is damaged, as `detail` says.
Result<BackupDescription> parse_description(std::string_view text);

} // namespace baluhost
