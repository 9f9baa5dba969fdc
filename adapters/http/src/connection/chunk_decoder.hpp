#pragma once

#include "connection/byte_buffer.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace baluhost::http {

/// Takes the chunked coding (RFC 9112 section 7.1) off a body.
class ChunkDecoder {
 public:
  enum class State { more, done, malformed };

  /// `head` is the request's own, which passed `check_head`; Beast has a say in it too.
  explicit ChunkDecoder(std::string_view head);
  ~ChunkDecoder();
  ChunkDecoder(const ChunkDecoder&) = delete;
  ChunkDecoder& operator=(const ChunkDecoder&) = delete;

  /// Appends the content found at the front of `in` to `out`, as far as it has room, and gives how
  /// much of `in` that took. What it leaves is to come again, with more behind it.
  std::size_t decode(std::string_view in, ByteBuffer& out);
  [[nodiscard]] State state() const noexcept;
  /// Digests sent behind the content; null data where there were none. Other trailers are dropped.
  [[nodiscard]] std::string_view content_digest() const noexcept;
  [[nodiscard]] std::string_view repr_digest() const noexcept;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

} // namespace baluhost::http
