#include "encryption/encrypted_content.hpp"

#include <algorithm>
#include <exception>

// A staging file is never cut while somebody may rely on what it holds: a cut content goes on with
// a record that replaces the rest. Bytes that do not fill a record get one of their own with the
// flush or when the holder goes, as a crash must find what was flushed.
namespace baluhost::encryption {
namespace {

constexpr std::size_t kReadBuffer = std::size_t{1} << 20;
constexpr std::size_t kMostRunsKept = 1024; // an upload of more pieces is read again

class EncryptingStaged final : public StagedBlob {
  [[nodiscard]] auto writer() const {
    return [inner = inner_.get()](std::string_view bytes) { return inner->write(bytes); };
  }
  [[nodiscard]] auto reader() const {
    return [inner = inner_.get()](std::int64_t at, std::span<char> buffer) {
      return inner->read_at(at, buffer);
    };
  }

 public:
  EncryptingStaged(std::unique_ptr<StagedBlob> inner, const Surroundings& around, StagedPlace place)
      : inner_(std::move(inner)),
        around_(around),
        place_(std::move(place)),
        hashes_(around.new_hashes()) {}

  ~EncryptingStaged() override {
    if (!log_ || is_published_) return;
    try {
      if (is_failed_ || !log_->flush(around_.random, writer())) return;
      if (log_->runs() <= kMostRunsKept)
        place_.logs->keep(place_.id, {*std::move(log_), std::move(hashes_)});
    } catch (const std::exception&) {
      // Without memory the next holder reads the file instead.
    }
  }

  /// What is there, or what the holder before knew of it.
  Result<void> open(std::int64_t offset) {
    if (place_.known && is_as_it_was(place_.known->log)) {
      log_.emplace(std::move(place_.known->log));
      hashes_ = std::move(place_.known->hashes);
    } else {
      BALUHOST_CHECK(load());
    }
    place_.known.reset();
    if (offset == kAllStaged || offset == size()) return {};
    if (offset > size())
      return Error{Errc::not_found, "the staging file is shorter than the upload"};
    return truncate(offset);
  }

  Result<void> write(std::string_view bytes) override {
    if (is_published_ || is_failed_) return spent();
    if (!log_ && (inner_->size() > 0 || !is_to_be_encrypted(around_.options, bytes)))
      return inner_->write(bytes);
    if (!log_) {
      BALUHOST_TRY(auto key, new_file_key(around_.keys, around_.random));
      log_.emplace(std::move(key));
    }
    if (auto written = log_->append(bytes, around_.random, writer()); !written) {
      is_failed_ = true;
      return written;
    }
    hashes_.update(bytes);
    return {};
  }

  Result<void> sync() override {
    if (is_published_) return spent();
    if (log_) {
      if (is_failed_) return spent();
      if (auto flushed = log_->flush(around_.random, writer()); !flushed) {
        is_failed_ = true;
        return flushed;
      }
    }
    auto synced = inner_->sync();
    if (!synced && log_) is_failed_ = true; // what the file holds is not known
    return synced;
  }

  std::int64_t size() const noexcept override { return log_ ? log_->size() : inner_->size(); }

  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (is_published_) return spent();
    if (!log_) return inner_->read_at(offset, buffer);
    if (offset < 0) return Error{Errc::internal, "a staging file has no bytes before its first"};
    return log_->read_at(offset, buffer, reader());
  }

  Result<void> truncate(std::int64_t size) override {
    if (is_published_) return spent();
    if (!log_) return inner_->truncate(size);
    if (size < 0 || size > log_->size())
      return Error{Errc::internal, "a staging file can only be cut to less than it has"};
    // What a failed write left is no record.
    if (is_failed_) BALUHOST_CHECK(inner_->truncate(log_->end()));
    log_->cut(size);
    BALUHOST_CHECK(rehash());
    is_failed_ = false;
    return {};
  }

  Sha256Digest sha256() const noexcept override {
    return log_ ? hashes_.sha256->digest() : inner_->sha256();
  }

  Result<Content> publish() override {
    if (is_published_ || is_failed_) return spent();
    is_published_ = true;
    if (!log_) return inner_->publish();
    BALUHOST_CHECK(log_->finish(around_.random, writer()));
    BALUHOST_TRY(auto stored, inner_->publish());
    return Content{std::move(stored.blob), size(), sha256(), hashes_.sha1_digest(),
                   hashes_.crc32->value()};
  }

 private:
  static Error spent() {
    return {Errc::unavailable, "this staging file failed before or is published"};
  }

  /// Whether the file is the one that `log` tells of: another process may have added to it, or
  /// begun it anew with another key.
  [[nodiscard]] bool is_as_it_was(const RecordLog& log) const {
    if (log.end() != inner_->size()) return false;
    char begin[kHeaderBytes];
    const auto got = inner_->read_at(0, begin);
    return got && std::string_view{begin, *got} ==
                      log.key().header.bytes().substr(0, log.end() == 0 ? 0 : kHeaderBytes);
  }

  Result<void> load() {
    char begin[kHeaderBytes];
    BALUHOST_TRY(const auto got, inner_->read_at(0, begin));
    auto header = Header::parse({begin, got});
    if (!header) return {};
    BALUHOST_TRY(auto key, find_file_key(around_.keys, *std::move(header)));
    log_.emplace(std::move(key));
    BALUHOST_CHECK(log_->load(inner_->size(), reader()));
    // After the records may be what a crash left, or the end of a content that was published once.
    if (log_->end() < inner_->size()) BALUHOST_CHECK(inner_->truncate(log_->end()));
    return rehash();
  }

  Result<void> rehash() {
    hashes_ = around_.new_hashes();
    std::string buffer(std::min(kReadBuffer, static_cast<std::size_t>(size())), '\0');
    for (std::int64_t at = 0; at < size();) {
      BALUHOST_TRY(const auto got, log_->read_at(at, buffer, reader()));
      if (got == 0) return damaged_content();
      hashes_.update({buffer.data(), got});
      at += static_cast<std::int64_t>(got);
    }
    return {};
  }

  std::unique_ptr<StagedBlob> inner_;
  const Surroundings around_;
  StagedPlace place_;
  ContentHashes hashes_;
  std::optional<RecordLog> log_; ///< none: plain, or nothing is written yet
  bool is_failed_{false};
  bool is_published_{false};
};

} // namespace

Result<std::unique_ptr<StagedBlob>> open_encrypting_staged(std::unique_ptr<StagedBlob> inner,
                                                           const Surroundings& around,
                                                           StagedPlace place, std::int64_t offset) {
  auto staged = std::make_unique<EncryptingStaged>(std::move(inner), around, std::move(place));
  BALUHOST_CHECK(staged->open(offset));
  return std::unique_ptr<StagedBlob>(std::move(staged));
}

} // namespace baluhost::encryption
