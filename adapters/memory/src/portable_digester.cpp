#include "baluhost/memory/portable_digester.hpp"

#include "sha.hpp"

namespace baluhost {
namespace {

class PortableSha256 final : public Sha256Stream {
 public:
  void update(std::string_view bytes) noexcept override { stream_.update(bytes); }
  Sha256Digest digest() const noexcept override { return stream_.digest(); }

 private:
  memory::ShaStream<memory::Sha256Rounds> stream_;
};

class PortableSha1 final : public Sha1Stream {
 public:
  void update(std::string_view bytes) noexcept override { stream_.update(bytes); }
  Sha1Digest digest() const noexcept override { return stream_.digest(); }

 private:
  memory::ShaStream<memory::Sha1Rounds> stream_;
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
};

} // namespace

std::unique_ptr<Digester> make_portable_digester() { return std::make_unique<PortableDigester>(); }

} // namespace baluhost
