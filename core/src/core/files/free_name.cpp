#include "files/free_name.hpp"

#include <string>

namespace baluhost {
namespace {

constexpr std::size_t kMostNameBytes = 255;
constexpr std::int64_t kMostNumber = std::int64_t{1} << 40;

/// At most `bytes` of `text`, which is UTF-8: no character is cut.
std::string_view beginning(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

Result<bool> is_taken(ReadTransaction& tx, const FilePath& path) {
  BALUHOST_TRY(const auto resolution, tx.files().resolve(path));
  return resolution.complete;
}

} // namespace

Result<FilePath> numbered(const FilePath& path, std::int64_t number) {
  const std::string_view name = path.name().str();
  const auto dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0;
  const auto extension = has_extension ? name.substr(dot) : std::string_view{};
  const auto suffix = " (" + std::to_string(number) + ")";
  const auto taken = suffix.size() + extension.size();
  const auto stem = beginning(name.substr(0, name.size() - extension.size()),
                              taken < kMostNameBytes ? kMostNameBytes - taken : 0);
  BALUHOST_TRY(const auto other,
               FileName::parse(std::string{stem} + suffix + std::string{extension}));
  return path.parent().child(other);
}

// Numbers are taken one after the other, so that the first free one is found by doubling and then
// halving. Where there are gaps it is one that is free, if not the first.
Result<FilePath> find_free_name(ReadTransaction& tx, const FilePath& path) {
  std::int64_t taken = 1;
  std::int64_t free = 2;
  for (;; taken = free, free *= 2) {
    if (free > kMostNumber) return Error{Errc::conflict, "no number is free"};
    BALUHOST_TRY(const auto candidate, numbered(path, free));
    BALUHOST_TRY(const bool is_there, is_taken(tx, candidate));
    if (!is_there) break;
  }
  while (free - taken > 1) {
    const auto middle = taken + (free - taken) / 2;
    BALUHOST_TRY(const auto candidate, numbered(path, middle));
    BALUHOST_TRY(const bool is_there, is_taken(tx, candidate));
    (is_there ? taken : free) = middle;
  }
  return numbered(path, free);
}

} // namespace baluhost
