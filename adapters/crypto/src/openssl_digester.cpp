#include "baluhost/crypto/openssl_digester.hpp"

#include "openssl_handles.hpp"

#include <libdeflate.h>

#include <cstdlib>

// Looking an algorithm up costs more than hashing a short text, so it is fetched once, and a hash
// in one call reuses a context of its thread. The functions of OpenSSL used here fail for want of
// memory or of the algorithm only: the port has no error for that.
namespace baluhost {
namespace {

void require(bool held) noexcept {
  if (!held) std::abort();
}

const EVP_MD* fetched(const MdPtr& algorithm) noexcept {
  require(algorithm != nullptr);
  return algorithm.get();
}

const EVP_MD* sha256_algorithm() noexcept {
  static const MdPtr algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return fetched(algorithm);
}

const EVP_MD* sha1_algorithm() noexcept {
  static const MdPtr algorithm(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return fetched(algorithm);
}

EVP_MD_CTX* scratch_context() noexcept {
  thread_local const MdContextPtr context(EVP_MD_CTX_new());
  require(context != nullptr);
  return context.get();
}

template <class Value>
Value finish(EVP_MD_CTX* context) noexcept {
  Value digest;
  unsigned length = 0;
  require(EVP_DigestFinal_ex(context, digest.bytes.data(), &length) == 1 &&
          length == digest.bytes.size());
  return digest;
}

template <class Port, class Value>
class OpensslStream final : public Port {
 public:
  explicit OpensslStream(const EVP_MD* algorithm) noexcept : context_(EVP_MD_CTX_new()) {
    require(context_ && EVP_DigestInit_ex2(context_.get(), algorithm, nullptr) == 1);
  }
  void update(std::string_view bytes) noexcept override {
    require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  Value digest() const noexcept override {
    require(EVP_MD_CTX_copy_ex(scratch_context(), context_.get()) == 1);
    return finish<Value>(scratch_context());
  }

 private:
  MdContextPtr context_;
};

/// OpenSSL has none. libdeflate's uses the processor's carry-less multiplication.
class DeflateCrc32 final : public Crc32Stream {
 public:
  void update(std::string_view bytes) noexcept override {
    value_ = libdeflate_crc32(value_, bytes.data(), bytes.size());
  }
  std::uint32_t value() const noexcept override { return value_; }

 private:
  std::uint32_t value_{0};
};

class OpensslDigester final : public Digester {
 public:
  Sha256Digest sha256(std::string_view bytes) const noexcept override {
    EVP_MD_CTX* context = scratch_context();
    require(EVP_DigestInit_ex2(context, sha256_algorithm(), nullptr) == 1 &&
            EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1);
    return finish<Sha256Digest>(context);
  }
  std::unique_ptr<Sha256Stream> sha256_stream() const override {
    return std::make_unique<OpensslStream<Sha256Stream, Sha256Digest>>(sha256_algorithm());
  }
  std::unique_ptr<Sha1Stream> sha1_stream() const override {
    return std::make_unique<OpensslStream<Sha1Stream, Sha1Digest>>(sha1_algorithm());
  }
  std::unique_ptr<Crc32Stream> crc32_stream() const override {
    return std::make_unique<DeflateCrc32>();
  }
};

} // namespace

std::unique_ptr<Digester> make_openssl_digester() { return std::make_unique<OpensslDigester>(); }

} // namespace baluhost
