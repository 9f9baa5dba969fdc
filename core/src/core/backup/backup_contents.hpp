#pragma once

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
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

struct BackupBlob {
  std::int64_t size{};
  Sha256Digest sha256;
  bool operator==(const BackupBlob&) const = default;
};

using Manifest = std::map<BlobId, BackupBlob>;

/// What the database refers to.
Result<Manifest> manifest_of(ReadTransaction& tx);

std::string to_text(const Manifest& manifest);
/// unavailable: it is damaged, as `detail` says.
Result<Manifest> parse_manifest(std::string_view text);

/// A content that is not as the manifest has it.
struct BadBlob {
  BlobId blob;
  bool is_missing{false};
  /// Else it may be sound, once what it needs to be opened is there.
  bool is_certain{true};
  std::string detail;
};

/// "missing" or "damaged".
std::string_view kind_of(const BadBlob& bad_blob);

/// What is wrong with a content, by its copy; none: nothing. `copy` null: the blob is not there.
std::optional<BadBlob> check_blob(const BlobId& blob, const BackupBlob& wanted,
                                  const CopiedContent* copy);

/// Counts `bad_blobs`, and names the first of them with some of their files.
Result<BadContents> to_bad_contents(Database& database, const std::vector<BadBlob>& bad_blobs);

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
  /// Contents that are not in it as they should be.
  std::vector<BadBlob> bad_blobs;
};

std::string to_text(const BackupDescription& description);
/// Of what restoring needs. unavailable: it is damaged, as `detail` says.
Result<BackupDescription> parse_description(std::string_view text);

} // namespace baluhost
