#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// COPY's binary format: big-endian lengths and numbers, each field after its length, -1 for null.
namespace baluhost::postgres::binary_copy {

inline constexpr std::string_view kSignature{"PGCOPY\n\377\r\n\0", 11};
/// With flags and the length of an extension, both 0.
inline constexpr std::size_t kHeader = kSignature.size() + 8;

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, sizeof(Number)> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] =
        static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * (bytes.size() - 1 - i)));
  out.append(bytes.data(), bytes.size());
}

/// What is left of a message. Reading after its end yields zeros and spoils it.
class Message {
 public:
  Message(const char* bytes, int length) : left_(bytes, static_cast<std::size_t>(length)) {}
  std::string_view take(std::size_t size) {
    sound_ = sound_ && size <= left_.size();
    if (!sound_) return {};
    const auto taken = left_.substr(0, size);
    left_.remove_prefix(size);
    return taken;
  }
  template <class Number>
  Number number() {
    std::uint64_t bits = 0;
    for (const char byte : take(sizeof(Number)))
      bits = bits << 8 | static_cast<unsigned char>(byte);
    return static_cast<Number>(bits);
  }
  [[nodiscard]] bool empty() const { return left_.empty(); }
  [[nodiscard]] bool sound() const { return sound_; }

 private:
  std::string_view left_;
  bool sound_{true};
};

} // namespace baluhost::postgres::binary_copy
