#include "encryption/encrypted_content.hpp"

namespace baluhost::encryption {
namespace {

class EncryptingWriter final : public BlobWriter {
 public:
  EncryptingWriter(std::unique_ptr<BlobWriter> inner, const Surroundings& around)
      : inner_(std::move(inner)), around_(around), hashes_(around.new_hashes()) {}

  Result<void> write(std::string_view bytes) override {
    if (is_spent_) return spent();
    if (!log_ && (inner_->size() > 0 || !is_to_be_encrypted(around_.options, bytes)))
      return inner_->write(bytes);
    if (auto written = encrypt(bytes); !written) {
      is_spent_ = true;
      return written;
    }
    hashes_.update(bytes);
    return {};
  }

  std::int64_t size() const noexcept override { return log_ ? log_->size() : inner_->size(); }
  Sha256Digest sha256() const noexcept override {
    return log_ ? hashes_.sha256->digest() : inner_->sha256();
  }
  std::optional<Sha1Digest> sha1() const noexcept override {
    return log_ ? hashes_.sha1_digest() : inner_->sha1();
  }

  Result<Content> publish() override {
    if (is_spent_) return spent();
    is_spent_ = true;
    if (!log_) return inner_->publish();
    BALUHOST_CHECK(
        log_->finish(around_.random, [&](std::string_view b) { return inner_->write(b); }));
    BALUHOST_TRY(auto stored, inner_->publish());
    return Content{std::move(stored.blob), size(), sha256(), sha1(), hashes_.crc32->value()};
  }

 private:
  static Error spent() { return {Errc::unavailable, "this blob writer is spent"}; }

  Result<void> encrypt(std::string_view bytes) {
    if (!log_) {
      BALUHOST_TRY(auto key, new_file_key(around_.keys, around_.random));
      log_.emplace(std::move(key));
    }
    return log_->append(bytes, around_.random,
                        [&](std::string_view b) { return inner_->write(b); });
  }

  std::unique_ptr<BlobWriter> inner_;
  const Surroundings around_;
  ContentHashes hashes_;
  std::optional<RecordLog> log_; ///< none: plain, or nothing is written yet
  bool is_spent_{false};
};

} // namespace

bool is_to_be_encrypted(const EncryptionOptions& options, std::string_view bytes) {
  return !bytes.empty() && (options.encrypt || bytes.front() == kFirstByte);
}

Result<std::unique_ptr<BlobWriter>> make_encrypting_writer(std::unique_ptr<BlobWriter> inner,
                                                           const Surroundings& around) {
  return std::unique_ptr<BlobWriter>(std::make_unique<EncryptingWriter>(std::move(inner), around));
}

} // namespace baluhost::encryption
