// Every value has one spelling: what is decoded encodes to the same text, and what is encoded
// decodes to the same bytes.
#include "baluhost/domain/digest.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  const auto text = fuzz_text(data, size);
  if (const auto bytes = from_base64(text)) BALUHOST_PROMISE(to_base64(*bytes) == text);
  if (const auto bytes = from_base64url(text)) BALUHOST_PROMISE(to_base64url(*bytes) == text);
  if (const auto bytes = from_hex(text)) BALUHOST_PROMISE(bytes->size() * 2 == text.size());
  BALUHOST_PROMISE(*from_base64(to_base64(text)) == text);
  BALUHOST_PROMISE(*from_base64url(to_base64url(text)) == text);
  BALUHOST_PROMISE(*from_hex(to_hex(text)) == text);
  return 0;
}
