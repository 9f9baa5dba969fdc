#pragma once

#include "baluhost/domain/result.hpp"

#include <compare>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// One segment of a path: NFC, 1–255 bytes, no control, direction or separator character, neither
/// one dot nor two, no leading or trailing space, no trailing dot. Ordered by its UTF-8 bytes.
class FileName {
 public:
  /// Normalises to NFC; else invalid_request.
  static Result<FileName> parse(std::string_view text);

  /// Its text.
  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  auto operator<=>(const FileName&) const = default;

 private:
  explicit FileName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// An absolute path `/{username}/{segment}/…`: 1–64 segments, the user's name included, at most
/// 1000 characters, no trailing slash. It names a place in the tree of the database and never
/// reaches a file system.
class FilePath {
 public:
  static constexpr std::size_t kMostSegments = 64;
  static constexpr std::size_t kMostCharacters = 1000; ///< code points

  /// What stands for a user's name in paths of who came by a share: what is shared. No user has it.
  static constexpr std::string_view kSharedHome = "~";

  /// From its text, already percent-decoded where it came from a URL. Else invalid_request.
  static Result<FilePath> parse(std::string_view text);

  /// From decoded segments, the first a user's name: how a URL becomes a path, so that an encoded
  /// slash stays refused.
  static Result<FilePath> from_segments(std::span<const std::string> segments);

  /// "/anna/a/b"
  [[nodiscard]] std::string str() const;

  /// Never empty.
  [[nodiscard]] const std::vector<FileName>& segments() const noexcept { return segments_; }
  [[nodiscard]] const FileName& name() const noexcept { return segments_.back(); }

  /// The owner's username.
  [[nodiscard]] const std::string& home() const noexcept { return segments_.front().str(); }
  [[nodiscard]] bool is_home() const noexcept { return segments_.size() == 1; }

  /// It begins with `/~`.
  [[nodiscard]] bool is_shared() const noexcept { return home() == kSharedHome; }

  /// Of a path that is not a home.
  [[nodiscard]] FilePath parent() const;

  /// invalid_request when too deep or too long.
  [[nodiscard]] Result<FilePath> child(const FileName& name) const;

  /// Itself, or `other` lies below it.
  [[nodiscard]] bool contains(const FilePath& other) const noexcept;
  auto operator<=>(const FilePath&) const = default;

 private:
  explicit FilePath(std::vector<FileName> segments) : segments_(std::move(segments)) {}
  std::vector<FileName> segments_;
};

/// The media type of a file by its name alone (the part after the last dot, without case):
/// "image/png"; "application/octet-stream" where nothing is known. Content is never sniffed.
std::string_view media_type_of(std::string_view name) noexcept;

} // namespace baluhost
