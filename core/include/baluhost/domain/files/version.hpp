#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// Names one content that a file has or had: the file in which it came into being, and which one it
/// was there. It keeps its name when it becomes a version, is restored, or goes to another file.
struct VersionId {
  static constexpr std::size_t kMostCharacters = 40;

  std::string value;

  auto operator<=>(const VersionId&) const = default;

  /// invalid_request if `text` is none: two whole numbers with a dot between.
  [[nodiscard]] static Result<VersionId> parse(std::string_view text);

  /// Of the content `number` of `file`.
  [[nodiscard]] static VersionId of(FileId file, std::int64_t number);
};

/// A content of a file.
struct Version {
  VersionId id;
  Content content;
  Timestamp created_at;                  ///< when it became the file's content
  std::optional<std::string> created_by; ///< none: a stranger, or it is not known
  bool is_current{false};

  /// When another took its place; of the present one: none.
  std::optional<Timestamp> replaced_at{};
};

/// A version with whose it is.
struct PlacedVersion {
  Version version;
  FileId file;
  UserId owner;
};

/// A place in the order of versions by age.
struct VersionPosition {
  Timestamp replaced_at;
  FileId file;
  VersionId id;
  auto operator<=>(const VersionPosition&) const = default;
};

} // namespace baluhost
