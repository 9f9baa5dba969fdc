// Whatever comes in, what goes into a column, a log line or JSON is valid and harmless.
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/text.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  const auto text = fuzz_text(data, size);
  const auto clamped = clamp_text(text, 10);
  BALUHOST_PROMISE(is_valid_utf8(clamped) && code_points(clamped) <= 10 &&
                   clamped.find('\0') == std::string::npos);
  const auto line = printable(text);
  BALUHOST_PROMISE(is_valid_utf8(line) && !has_control_or_bidi(line));
  const auto shown = with_controls_escaped(clamped);
  BALUHOST_PROMISE(is_valid_utf8(shown) && !has_control_or_bidi(shown));
  (void)begins_as_formula(text);
  const auto json = json_text(text);
  BALUHOST_PROMISE(is_valid_utf8(json) && json.front() == '"' && json.back() == '"');
  for (const char c : json) BALUHOST_PROMISE(static_cast<unsigned char>(c) >= 0x20);
  if (const auto normal = to_nfc(text)) {
    BALUHOST_PROMISE(is_valid_utf8(text) && is_valid_utf8(*normal) && *to_nfc(*normal) == *normal);
  } else {
    BALUHOST_PROMISE(!is_valid_utf8(text));
  }
  return 0;
}
