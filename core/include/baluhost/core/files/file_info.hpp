#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/file_path.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// What conditions compare with (RFC 9110 section 8.8).
struct Validators {
  /// Strong, quoted.
  std::optional<std::string> etag;
  Timestamp modified_at;
};

/// A node as people see it.
struct FileInfo {
  FileEntry entry;
  FilePath path;
  std::string owner;        ///< username
  bool shows_content{true}; ///< false to a caller who may not read it: then its hash is not shown

  /// Of a file, by its name.
  [[nodiscard]] std::string mime_type() const;

  /// Strong, quoted: "<sha256>"; none of a directory.
  [[nodiscard]] std::optional<std::string> etag() const;

  /// For conditions of requests.
  [[nodiscard]] Validators validators() const { return {etag(), entry.modified_at}; }
};

/// A list of entity tags (RFC 9110 section 13.1), compared strongly unless said otherwise; or `*`;
/// or nothing asked.
struct Condition {
  bool present{false};
  bool any{false};                ///< `*`
  std::vector<std::string> etags; ///< quoted, with a `W/` where it is weak

  /// Of a node that exists.
  [[nodiscard]] bool matches_strongly(const std::optional<std::string>& etag) const;
  [[nodiscard]] bool matches_weakly(const std::optional<std::string>& etag) const;
};

/// The conditions of a request (RFC 9110 section 13.1), parsed but not evaluated.
struct Preconditions {
  Condition if_match;
  Condition if_none_match;
  std::optional<Timestamp> if_modified_since; ///< whole seconds; of GET and HEAD only
  std::optional<Timestamp> if_unmodified_since;
};

/// What the conditions of a request say of it.
enum class Verdict { go_on, not_modified, failed };

/// What the conditions say of what is there, null for nothing: RFC 9110 section 13.2.2, steps 1
/// to 4. `not_modified` answers a GET or HEAD; to what would change something it is `failed`.
[[nodiscard]] Verdict evaluate(const Preconditions& conditions, const Validators* there);
[[nodiscard]] Verdict evaluate(const Preconditions& conditions, const FileInfo* there);

} // namespace baluhost
