#pragma once

#include "baluhost/domain/file_entry.hpp"
#include "baluhost/domain/file_path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// A node as people see it.
struct FileInfo {
  FileEntry entry;
  FilePath path;
  std::string owner; ///< username

  [[nodiscard]] std::string mime_type() const;           ///< of a file, by its name
  [[nodiscard]] std::optional<std::string> etag() const; ///< strong, quoted: "<sha256>"; none of a directory
};

/// A list of entity tags (RFC 9110 section 13.1), compared strongly unless said otherwise; or `*`; or nothing asked.
struct Condition {
  bool present{false};
  bool any{false};                ///< `*`
  std::vector<std::string> etags; ///< quoted, with a `W/` where it is weak

  [[nodiscard]] bool matches_strongly(const std::optional<std::string>& etag) const; ///< of a node that exists
  [[nodiscard]] bool matches_weakly(const std::optional<std::string>& etag) const;
};

} // namespace baluhost
