#pragma once

#include "baluhost/contract/blob_store_contract.hpp"
#include "support.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace baluhost::contract::blob_store_suite {

inline constexpr std::string_view kAbc = "abc";

inline constexpr std::string_view kSha256OfAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

inline constexpr std::string_view kSha256OfNothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

inline constexpr std::uint32_t kCrc32OfAbc = 0x352441C2;

inline constexpr std::string_view kSha1OfAbc = "a9993e364706816aba3e25717850c26c9cd0d89d";

/// `size` bytes of all values, different at every place.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<char>((i * 131) ^ (i >> 8U) ^ (i >> 16U));
  return bytes;
}

inline Content store(BlobStore& blobs, std::string_view bytes) {
  auto writer = must(blobs.create());
  must(writer->write(bytes));
  return must(writer->publish());
}

template <class Readable>
std::string read_all(const Readable& reader, std::size_t piece = 64 * 1024) {
  std::string all;
  std::string buffer(piece, '\0');
  for (;;) {
    const auto got = must(reader.read_at(static_cast<std::int64_t>(all.size()), buffer));
    if (got == 0) return all;
    all.append(buffer, 0, got);
  }
}

/// `reader` returns the last of `bytes`, nothing after them, and nothing before the first.
template <class Readable>
void ends_with(const Readable& reader, const std::string& bytes) {
  const auto size = static_cast<std::int64_t>(bytes.size());
  std::string buffer(100, '\0');
  CHECK(must(reader.read_at(size - 50, buffer)) == 50);
  CHECK(buffer.substr(0, 50) == bytes.substr(bytes.size() - 50));
  CHECK(must(reader.read_at(size, buffer)) == 0);
  CHECK(must(reader.read_at(2 * size, buffer)) == 0);
  CHECK(must(reader.read_at(0, std::span<char>{})) == 0);
  CHECK(outcome(reader.read_at(-1, buffer)) == "internal");
}

inline std::string read_all(BlobStore& blobs, const BlobId& id) {
  return read_all(*must(blobs.open(id)));
}

inline std::vector<BlobId> ids(BlobStore& blobs) {
  std::vector<BlobId> all;
  for (const auto& info : must(blobs.list(std::nullopt, 1000))) all.push_back(info.id);
  return all;
}

inline bool is_hex_id(const BlobId& id) {
  return id.value.size() == 32 &&
         id.value.find_first_not_of("0123456789abcdef") == std::string::npos;
}

void writing(BlobStore& blobs);
void reading(BlobStore& blobs, bool stores_as_is);
void staging(BlobStore& blobs);
void reading_back(BlobStore& blobs);
void crashes(BlobStoreUnderTest& under_test);

} // namespace baluhost::contract::blob_store_suite
