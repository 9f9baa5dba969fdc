// A time that is read prints as a text that is the same time.
#include "baluhost/domain/timestamp.hpp"
#include "fuzz.hpp"

#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  const auto text = fuzz_text(data, size);
  if (const auto moment = Timestamp::parse(text)) {
    BALUHOST_PROMISE(moment->to_rfc3339().size() == 27);
    BALUHOST_PROMISE(*Timestamp::parse(moment->to_rfc3339()) == *moment);
    BALUHOST_PROMISE(Timestamp::parse_http_date(moment->to_http_date())->seconds() ==
                     moment->seconds());
  }
  if (const auto moment = Timestamp::parse_http_date(text)) {
    BALUHOST_PROMISE(*Timestamp::parse_http_date(moment->to_http_date()) == *moment);
  }
  Timestamp any;
  if (size >= sizeof(any.microseconds)) {
    std::memcpy(&any.microseconds, data, sizeof(any.microseconds));
    BALUHOST_PROMISE(!any.to_rfc3339().empty() && !any.to_http_date().empty() &&
                     !any.to_date().empty());
  }
  return 0;
}
