#pragma once

#include "connection/byte_buffer.hpp"
#include "fields/digest_fields.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace baluhost::http {

/// Takes the chunked coding (RFC 9112 section 7.1) off a body.
class ChunkDecoder {
 public:
  enum class State { more, done, malformed };

  /// `head` is the request's own, which passed `check_head`; Beast checks it too.
  explicit ChunkDecoder(std::string_view head);
  ~ChunkDecoder();
  ChunkDecoder(const ChunkDecoder&) = delete;
  ChunkDecoder& operator=(const ChunkDecoder&) = delete;

  /// Appends the content found at the front of `in` to `out`, as far as it has room, and returns
  /// how much of `in` that took. What it leaves is to come again, with more after it.
  std::size_t decode(std::string_view in, ByteBuffer& out);

  [[nodiscard]] State state() const noexcept;

  /// Digests sent after the content. Other trailers are dropped.
  [[nodiscard]] DigestFields digests() const noexcept;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

} // namespace baluhost::http
