#include "baluhost/memory/portable_digester.hpp"

#include "sha.hpp"

#include <array>
#include <cstdint>

namespace baluhost {
namespace {

template <class Stream, class Digest, class Rounds>
class Portable final : public Stream {
 public:
  void update(std::string_view bytes) noexcept override { stream_.update(bytes); }
  Digest digest() const noexcept override { return stream_.digest(); }

 private:
  memory::ShaStream<Rounds> stream_;
};

using PortableSha256 = Portable<Sha256Stream, Sha256Digest, memory::Sha256Rounds>;
using PortableSha1 = Portable<Sha1Stream, Sha1Digest, memory::Sha1Rounds>;

constexpr std::array<std::uint32_t, 256> kCrc32Table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xEDB88320U : 0);
    table[byte] = rest;
  }
  return table;
}();

class PortableCrc32 final : public Crc32Stream {
 public:
  void update(std::string_view bytes) noexcept override {
    for (const char c : bytes)
      state_ = kCrc32Table[(state_ ^ static_cast<unsigned char>(c)) & 0xFF] ^ (state_ >> 8);
  }
  std::uint32_t value() const noexcept override { return ~state_; }

 private:
  std::uint32_t state_{0xFFFFFFFF};
};

class PortableDigester final : public Digester {
 public:
  Sha256Digest sha256(std::string_view bytes) const noexcept override {
    return memory::sha256(bytes);
  }
  std::unique_ptr<Sha256Stream> sha256_stream() const override {
    return std::make_unique<PortableSha256>();
  }
  std::unique_ptr<Sha1Stream> sha1_stream() const override {
    return std::make_unique<PortableSha1>();
  }
  std::unique_ptr<Crc32Stream> crc32_stream() const override {
    return std::make_unique<PortableCrc32>();
  }
};

} // namespace

std::unique_ptr<Digester> make_portable_digester() { return std::make_unique<PortableDigester>(); }

} // namespace baluhost
