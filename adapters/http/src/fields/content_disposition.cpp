#include "fields/content_disposition.hpp"

#include "baluhost/domain/percent.hpp"
#include "fields/http_names.hpp"

#include <algorithm>

namespace baluhost::http {
namespace {

/// Without image/svg+xml, which holds scripts, and without what only plug-ins show.
constexpr std::string_view kInert[] = {
    "audio/aac",   "audio/flac",       "audio/mp4",
    "audio/mpeg",  "audio/ogg",        "audio/webm",
    "audio/x-wav", "image/apng",       "image/avif",
    "image/bmp",   "image/gif",        "image/heic",
    "image/heif",  "image/jpeg",       "image/jxl",
    "image/png",   "image/tiff",       "image/vnd.microsoft.icon",
    "image/webp",  "text/plain",       "video/mp4",
    "video/mpeg",  "video/ogg",        "video/quicktime",
    "video/webm",  "video/x-matroska", "video/x-msvideo"};
static_assert(std::ranges::is_sorted(kInert));

} // namespace

bool is_inert(std::string_view media_type) noexcept {
  return std::ranges::binary_search(kInert, media_type);
}

std::string content_disposition(Disposition disposition, std::string_view filename) {
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
  std::string header = disposition == Disposition::in_place ? "inline" : "attachment";
  header += "; filename=\"" + plain + "\"";
  if (!exact) header += "; filename*=UTF-8''" + percent_encode(filename, "!#$&+^`|");
  return header;
}

} // namespace baluhost::http
