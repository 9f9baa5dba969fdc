#include "connection/chunk_decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace baluhost::http;

namespace {

ChunkDecoder::State decode(std::string_view body, std::size_t step, std::string& out) {
  ChunkDecoder decoder{"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"};
  std::string pending;
  while (!body.empty() && decoder.state() == ChunkDecoder::State::more) {
    pending += body.substr(0, step);
    body.remove_prefix(std::min(step, body.size()));
    for (;;) {
      ByteBuffer piece{512};
      const auto taken = decoder.decode(pending, piece);
      pending.erase(0, taken);
      out += piece.view();
      if ((taken == 0 && piece.empty()) || decoder.state() != ChunkDecoder::State::more) break;
    }
  }
  return decoder.state();
}

} // namespace

/// The content does not depend on how the bytes arrived.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  std::string whole;
  std::string stepwise;
  const auto state = decode(body, size + 1, whole);
  const auto again = decode(body, 3, stepwise);
  if (state == ChunkDecoder::State::done && (again != state || whole != stepwise)) std::abort();
  return 0;
}
