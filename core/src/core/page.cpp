#include "baluhost/core/page.hpp"

#include "baluhost/domain/digest.hpp"

#include <algorithm>
#include <cstdint>

/// A cursor is base64url of a version byte, eight bytes of checksum and the key. The checksum
/// covers the version, the list's name and the key, so that a cursor of another list fails like a
/// damaged one. It guards against mistakes, not against forgery: a key gives no rights, since every
/// page is filtered by them anew.
namespace baluhost {
namespace {

constexpr char kVersion = '1';
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kMostCursorBytes = 8192;

/// FNV-1a, 64 bits.
class Checksum {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 0x100000001B3;
    }
  }
  [[nodiscard]] std::string bytes() const {
    std::string text(kChecksumBytes, '\0');
    for (std::size_t i = 0; i < kChecksumBytes; ++i)
      text[i] = static_cast<char>(value_ >> (8 * i) & 0xFF);
    return text;
  }

 private:
  std::uint64_t value_{0xCBF29CE484222325};
};

std::string checksum(std::string_view list, std::string_view key) {
  Checksum sum;
  sum.add({&kVersion, 1});
  sum.add(std::to_string(list.size()));
  sum.add("\n");
  sum.add(list);
  sum.add(key);
  return sum.bytes();
}

} // namespace

std::string make_cursor(std::string_view list, std::string_view key) {
  std::string raw(1, kVersion);
  raw += checksum(list, key);
  raw += key;
  return to_base64url(raw);
}

Result<std::string> read_cursor(std::string_view list, std::string_view cursor) {
  if (cursor.size() > kMostCursorBytes) return invalid_cursor();
  const auto raw = from_base64url(cursor);
  if (!raw || raw->size() < 1 + kChecksumBytes || raw->front() != kVersion) return invalid_cursor();
  auto key = raw->substr(1 + kChecksumBytes);
  if (raw->substr(1, kChecksumBytes) != checksum(list, key)) return invalid_cursor();
  return key;
}

Error invalid_cursor() { return invalid("is not a cursor of this list").at("/cursor"); }

std::size_t page_limit(const PageRequest& page) noexcept {
  return std::clamp<std::size_t>(page.limit, 1, PageRequest::kMostItems);
}

} // namespace baluhost
