#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

/// The layout of a backup: what is where in its directory, and what its own files say.
namespace baluhost::ctl {

namespace fs = std::filesystem;

constexpr auto kManifest = "blobs.manifest"; ///< a line for each blob: id, size, SHA-256
constexpr auto kDescription =
    "backup.json"; ///< written last: a directory without it is not a whole backup
constexpr auto kKeys = "keys";
constexpr auto kAnchor = "audit.anchor";
constexpr auto kBlobs = "blobs";

struct BackupBlob {
  std::int64_t size{};
  std::string sha256;
  bool operator==(const BackupBlob&) const = default;
};
using Manifest = std::map<std::string, BackupBlob>;

/// unavailable, with the path in front of the reason.
Error failed(const fs::path& path, const std::string& why);

bool is_absent_or_empty(const fs::path& path);

/// Copies a file, for its owner's eyes only. unavailable.
Result<void> copy_private(const fs::path& from, const fs::path& to);

/// Copies every file of a directory of keys into the new directory `to`. unavailable.
Result<void> copy_keys(const fs::path& from, const fs::path& to);

/// Where a blob lies below the directory of a blob store.
fs::path place_of(const fs::path& root, const std::string& id);

/// What the database refers to.
Result<Manifest> manifest_of(ReadTransaction& tx);

Result<void> write_manifest(const fs::path& directory, const Manifest& manifest); ///< unavailable
Result<Manifest> read_manifest(const fs::path& directory); ///< unavailable: also if it is damaged

struct Description {
  std::string database; ///< "sqlite" or "postgresql"
  std::int64_t schema_version{};
  bool with_blobs{false};
  std::int64_t blobs{};
  std::int64_t bytes{};
};

Result<void> write_description(const fs::path& directory,
                               const Description& description); ///< unavailable
Result<Description> read_description(
    const fs::path& directory); ///< unavailable: no backup, or not a whole one

Result<std::string> read_text(const fs::path& path); ///< unavailable

} // namespace baluhost::ctl
