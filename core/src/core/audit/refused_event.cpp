#include "audit/refused_event.hpp"

#include "baluhost/domain/hex.hpp"
#include "baluhost/domain/text.hpp"

#include <array>
#include <string>
#include <string_view>

namespace baluhost {
namespace {

void append_escaped(std::string& out, char32_t unit) {
  out += "\\u";
  append_hex(out, unit, 4);
}

/// As `json_text`, in ASCII: what is beyond it is written as UTF-16 in escapes (RFC 8259, section
/// 7).
std::string ascii_json_text(std::string_view text) {
  const std::string json = json_text(text);
  std::string ascii;
  for (std::string_view rest = json; !rest.empty();) {
    const char32_t code = take_code_point(rest);
    if (code < 0x80) {
      ascii += static_cast<char>(code);
    } else if (code < 0x10000) {
      append_escaped(ascii, code);
    } else {
      append_escaped(ascii, 0xD800 + ((code - 0x10000) >> 10));
      append_escaped(ascii, 0xDC00 + ((code - 0x10000) & 0x3FF));
    }
  }
  return ascii;
}

} // namespace

NewAuditEvent refused_event(const NewAuditEvent& event) {
  JsonObject details;
  details.add("action", to_string(event.action)).add("success", event.success);
  const std::array<std::pair<std::string_view, const std::optional<std::string>*>, 5> texts{
      {{"user", &event.user},
       {"resource", &event.resource},
       {"error_message", &event.error_message},
       {"ip_address", &event.ip_address},
       {"user_agent", &event.user_agent}}};
  for (const auto& [name, text] : texts) {
    if (*text) details.add_json(name, ascii_json_text(**text));
  }
  details.add_json("details",
                   ascii_json_text(event.details)); // as text, byte for byte: it need not be JSON
  return {.timestamp = event.timestamp,
          .action = Action::event_refused,
          .success = false,
          .error_message = std::string{code_of(Errc::internal)},
          .details = details.str()};
}

} // namespace baluhost
