#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace baluhost {

/// `name` as Windows takes it: what it forbids in names is `_`, and a name that it keeps for a
/// device begins with one.
std::string windows_safe(std::string_view name);

/// The names in one directory of an archive. No two are the same, however their letters are
/// written: on Windows and macOS one would else take the other's place.
class DirectoryNames {
 public:
  /// Returns `name` made safe, with a number where another has it.
  std::string take(std::string_view name);

 private:
  /// By hash, with the number that the next of that name may have: a clash costs a number in a
  /// name.
  std::unordered_map<std::uint64_t, int> next_;
};

/// The comment of an archive: each changed name beside what it was, as many as fit.
class RenameList {
 public:
  void add(std::string_view from, std::string_view to);
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
  bool full_{false};
};

} // namespace baluhost
