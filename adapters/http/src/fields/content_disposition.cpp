#include "fields/content_disposition.hpp"

#include "baluhost/domain/percent.hpp"
#include "fields/http_names.hpp"

namespace baluhost::http {

std::string attachment_disposition(std::string_view filename) {
  std::string plain;
  plain.reserve(filename.size());
  bool exact = true;
  for (const char c : filename) {
    const auto byte = static_cast<unsigned char>(c);
    const bool harmless = byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\' && c != '%';
    exact = exact && harmless;
    if (byte >= 0x80 && byte < 0xc0) continue; // the rest of a character that got its substitute
    plain.push_back(harmless ? c : '_');
  }
  std::string header = "attachment; filename=\"" + plain + "\"";
  if (!exact) header += "; filename*=UTF-8''" + percent_encode(filename, "!#$&+^`|");
  return header;
}

} // namespace baluhost::http
