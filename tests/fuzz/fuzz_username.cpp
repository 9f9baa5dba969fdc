// What is accepted as a name or an e-mail address is plain and is accepted again, as itself.
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/text.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  const auto text = fuzz_text(data, size);
  if (const auto name = Username::parse(text)) {
    BALUHOST_PROMISE(name->str().size() >= 2 && name->str().size() <= 32);
    BALUHOST_PROMISE(name->str().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") ==
                     std::string::npos);
    BALUHOST_PROMISE(*Username::parse(name->str()) == *name);
  }
  if (const auto email = Email::parse(text)) {
    BALUHOST_PROMISE(email->str().size() <= 254 &&
                     email->str().find_first_of("<>\"() \r\n") == std::string::npos);
    // The host may be an internationalised one: its bytes beyond ASCII are well-formed UTF-8.
    for (const char c : email->str())
      BALUHOST_PROMISE(static_cast<unsigned char>(c) > ' ' && c != '\x7f');
    BALUHOST_PROMISE(to_nfc(email->str()).value() == email->str());
    BALUHOST_PROMISE(*Email::parse(email->str()) == *email);
    BALUHOST_PROMISE(Email::parse(email->key())->key() == email->key());
  }
  return 0;
}
