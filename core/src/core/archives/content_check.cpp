#include "archives/content_check.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace baluhost {
namespace {

constexpr std::int64_t kReadAtOnce = std::int64_t{1} << 20;
constexpr std::int64_t kMostAtOnce = std::int64_t{8} << 20;

} // namespace

ContentCheck::ContentCheck(const Digester& digester, const Content& content)
    : content_(content), sha256_(digester.sha256_stream()), crc32_(digester.crc32_stream()) {}

Result<void> ContentCheck::take(std::string_view bytes) {
  sha256_->update(bytes);
  crc32_->update(bytes);
  position_ += static_cast<std::int64_t>(bytes.size());
  if (!is_over()) return {};
  if (sha256_->digest() != content_.sha256)
    return Error{Errc::internal, "a content is not what its digest says"};
  if (content_.crc32 && crc32_->value() != *content_.crc32)
    return Error{Errc::internal, "a content is not what its checksum says"};
  return {};
}

Result<bool> ContentCheck::read_on(const BlobReader& reader, std::int64_t end) {
  const auto stop = std::min(end, position_ + kMostAtOnce);
  while (position_ < stop) {
    BALUHOST_TRY(const auto bytes,
                 read_content(reader, position_, std::min(kReadAtOnce, stop - position_)));
    BALUHOST_CHECK(take(bytes));
  }
  return position_ == end;
}

Result<std::unique_ptr<BlobReader>> open_content(const BlobStore& blobs, const Content& content) {
  auto reader = blobs.open(content.blob);
  if (!reader && reader.error().code == Errc::not_found)
    return Error{Errc::internal, "the blob of a file is missing"};
  if (reader && (*reader)->size() != content.size)
    return Error{Errc::internal, "a blob is not as long as its row says"};
  return reader;
}

Result<std::string> read_content(const BlobReader& reader, std::int64_t offset, std::int64_t size) {
  std::string bytes(static_cast<std::size_t>(size), '\0');
  BALUHOST_TRY(const auto got, reader.read_at(offset, std::span{bytes.data(), bytes.size()}));
  if (got != bytes.size()) return Error{Errc::internal, "a blob is shorter than its row says"};
  return bytes;
}

} // namespace baluhost
