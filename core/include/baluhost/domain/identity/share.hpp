#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baluhost {

/// What a share link lets a stranger do: read what is shared, add files to it, or both.
struct ShareRights {
  bool read{false};
  bool create{false};

  bool operator==(const ShareRights&) const = default;

  /// Of "read" and "create", each once; else invalid_request, at the index of what is wrong.
  static Result<ShareRights> parse(std::span<const std::string> texts);

  /// Who has it adds files and learns nothing.
  [[nodiscard]] bool is_drop_box() const noexcept { return create && !read; }

  /// What the creator needs to have on the file.
  [[nodiscard]] Rights needed() const noexcept;

  /// In the order read, create.
  [[nodiscard]] std::vector<std::string> list() const;

  /// "read,create"
  [[nodiscard]] std::string to_text() const;
};

/// A link by which somebody without an account reads or adds files. It belongs to the node, not to
/// its name.
struct Share {
  static constexpr std::size_t kMostNoteCharacters = 1000; ///< code points

  ShareId id;
  FileId file;    ///< once it has ended: the home
  UserId home;    ///< whose home the file lies in
  UserId creator; ///< with whose rights it is used
  ShareRights rights;
  Sha256Digest secret; ///< of the secret in the link

  /// Another one after each change of secret or password: tokens of the one before are dead.
  std::int64_t generation{1};
  std::optional<PasswordHash> password;
  std::optional<Timestamp> expires_at;
  std::optional<std::int64_t> max_uses;
  std::int64_t uses{0};
  std::optional<std::int64_t> max_bytes; ///< of all uploads together
  std::int64_t used_bytes{0};
  std::optional<std::string> note;
  Timestamp created_at;
  std::optional<Timestamp> last_used_at;

  /// An ended one is kept for a while, so that who has its secret is told.
  std::optional<Timestamp> ended_at;

  /// No token of it is good any more.
  [[nodiscard]] bool is_over(Timestamp now) const noexcept {
    return ended_at || (expires_at && *expires_at <= now);
  }
  [[nodiscard]] bool is_used_up() const noexcept { return max_uses && uses >= *max_uses; }
};

/// What a change sets; members left out stay as they are.
struct ShareChanges {
  std::optional<ShareRights> rights;
  std::optional<Sha256Digest> secret;
  std::optional<std::optional<PasswordHash>> password;
  std::optional<std::optional<Timestamp>> expires_at;
  std::optional<std::optional<std::int64_t>> max_uses;
  std::optional<std::optional<std::int64_t>> max_bytes;
  std::optional<std::optional<std::string>> note;
};

/// What a request that came by a share needs to know of it.
struct ShareState {
  Share share;
  User creator;
};

/// A share and where its file is.
struct PlacedShare {
  Share share;
  Username creator;
  FilePath path;
  FileKind kind{FileKind::file};
};

/// Which shares; those that fit every member that is set.
struct ShareFilter {
  std::optional<ShareId> id;
  std::optional<UserId> creator;
  std::optional<UserId> home; ///< in whose home the file lies
  std::optional<FileId> file;
  std::optional<FileId> below; ///< the file is that or lies below it

  /// Those of what is in the trash too; with `below` they are there anyway.
  bool asleep{false};
};

/// What a token of a share says, but for what follows from its kind (RFC 7519).
struct ShareClaims {
  ShareId share;
  std::int64_t generation{};
  std::string token_id; ///< `jti`, 128 random bits in hex
  Timestamp issued_at;  ///< whole seconds; `nbf` is the same
  Timestamp expires_at; ///< whole seconds
};

/// How a token of a share travels. One kind is never taken for the other: a cookie, which browsers
/// send unasked, only reads.
enum class ShareTransport { bearer, cookie };

/// A share's token as the server signed it.
struct ShareToken {
  Secret text;
};

} // namespace baluhost
