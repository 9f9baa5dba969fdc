#include "audit/refused_event.hpp"

#include <array>
#include <string>
#include <string_view>

namespace baluhost {
namespace {

/// The code point of valid UTF-8 that begins at `at`, which moves after it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t code = lead & (0x3FU >> more);
  for (int i = 0; i < more; ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return code;
}

void append_escaped(std::string& out, char32_t unit) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(unit >> shift) & 15];
}

/// As `json_text`, in ASCII: what is beyond it is written as UTF-16 in escapes (RFC 8259, section
/// 7).
std::string ascii_json_text(std::string_view text) {
  const std::string json = json_text(text);
  std::string ascii;
  for (std::size_t at = 0; at < json.size();) {
    const char32_t code = next_code_point(json, at);
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
