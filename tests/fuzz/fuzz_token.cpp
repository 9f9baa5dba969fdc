#include "../adapters/crypto/token_forge.hpp"
#include "fuzz.hpp"

#include <algorithm>

// Two ways into the codec. An even first byte: the rest is a token as it comes from the network;
// nobody told the fuzzer a key, so none may be accepted. An odd one: the rest is a header and
// claims, parted by a line feed and signed with the right key, which leads past the signature; what
// is accepted then must be what the contract says.
using namespace baluhost;

namespace {

void try_as_it_is(test::TokenForge& forge, std::string_view token) {
  BALUHOST_PROMISE(!forge.codec->verify_access(token, forge.clock.now()));
  BALUHOST_PROMISE(!forge.codec->verify_refresh(token, forge.clock.now()));
  BALUHOST_PROMISE(!forge.codec->verify_bearer(token, forge.clock.now()));
}

void try_signed(test::TokenForge& forge, std::string_view text) {
  const auto line = std::min(text.find('\n'), text.size());
  const std::string header(text.substr(0, line));
  const std::string claims(text.substr(std::min(line + 1, text.size())));
  const auto token = forge.sign(header, claims);
  BALUHOST_PROMISE(!forge.codec->verify_refresh(token, forge.clock.now()));
  const auto accepted = forge.codec->verify_access(token, forge.clock.now());
  if (!accepted) return;
  BALUHOST_PROMISE(token.size() <= 4096);
  BALUHOST_PROMISE(accepted->subject.value > 0 && !accepted->session.value.empty() &&
                   !accepted->token_id.empty());
  BALUHOST_PROMISE(accepted->expires_at > forge.clock.now());
  BALUHOST_PROMISE(accepted->issued_at <= forge.clock.now() + std::chrono::seconds(5));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static test::TokenForge forge;
  if (size == 0) return 0;
  std::string text(fuzz_text(data, size).substr(1));
  if (data[0] % 2 == 0) {
    try_as_it_is(forge, text);
    return 0;
  }
  // A corpus cannot know the key's id: "$" stands for it.
  if (const auto at = text.find('$'); at != std::string::npos)
    text.replace(at, 1, forge.access.kid);
  try_signed(forge, text);
  return 0;
}
