#pragma once

#include "key_set.hpp"

#include "baluhost/posix_common/posix.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

inline constexpr KeyKind kKeyKinds[] = {KeyKind::access, KeyKind::refresh, KeyKind::seal,
                                        KeyKind::factor, KeyKind::content};

/// "access-20261124T025431.123456Z-0f1e2d3c4b5a6978.key"
std::string key_file_name(const KeyInfo& info);
/// None for a name that is not a key file's; `current` is not set.
std::optional<KeyInfo> parse_key_file_name(std::string_view name);

/// The directory of the keys, open. Errors as `KeyDirectory::open` says.
class KeyFiles {
 public:
  static Result<KeyFiles> open(const std::string& path);
  static Result<void> make_directory(const std::string& path);

  /// Keeps other programs from changing the directory until this object goes.
  [[nodiscard]] Result<void> lock() const;

  /// Nanoseconds; moves whenever a file comes or goes.
  [[nodiscard]] Result<std::int64_t> change_time() const;
  [[nodiscard]] Result<std::vector<KeyInfo>> list() const; ///< the newest first
  /// A regular file that nobody but its owner may read or change.
  [[nodiscard]] Result<Secret> read_secret(std::string_view name) const;

  /// Empty if it does not exist.
  [[nodiscard]] Result<std::string> read_public(std::string_view name) const;

  /// At once and durably.
  [[nodiscard]] Result<void> write(std::string_view name, std::string_view bytes,
                                   unsigned mode) const;
  [[nodiscard]] Result<void> remove(std::string_view name) const;

 private:
  KeyFiles(std::string path, posix::Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Error failed(std::string_view what, std::string_view name = {}) const;
  std::string full(std::string_view name) const { return path_ + '/' + std::string(name); }

  std::string path_;
  posix::Fd fd_;
};

} // namespace baluhost
