#include "baluhost/domain/files/byte_range.hpp"
#include "baluhost/domain/percent.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/origin.hpp"
#include "fields/conditional.hpp"
#include "fields/content_disposition.hpp"
#include "fields/content_types.hpp"
#include "fields/cookies.hpp"
#include "fields/digest_fields.hpp"
#include "routes/upload_metadata.hpp"
#include "runtime/client_address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace baluhost;
using namespace baluhost::http;

namespace {

/// Whatever the name, the header stays one of printable ASCII with one quoted string, and a client
/// that knows RFC 8187 gets the very name.
void fuzz_disposition(std::string_view name) {
  const auto header = content_disposition(Disposition::attachment, name);
  for (const char c : header)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) std::abort();
  if (std::ranges::count(header, '"') != 2 || header.find('\\') != std::string::npos) std::abort();
  const auto close = header.rfind('"');
  const std::string_view begin = "attachment; filename=\"", extended = "; filename*=UTF-8''";
  if (!header.starts_with(begin)) std::abort();
  const auto rest = std::string_view{header}.substr(close + 1);
  if (rest.empty()) {
    if (std::string_view{header}.substr(begin.size(), close - begin.size()) != name) std::abort();
  } else if (!rest.starts_with(extended) || percent_decode(rest.substr(extended.size())) != name) {
    std::abort();
  }
}

/// What is said again of metadata says the same.
void fuzz_metadata(std::string_view header) {
  const auto metadata = parse_upload_metadata(header);
  if (!metadata) return;
  const auto again = parse_upload_metadata(format_upload_metadata(*metadata));
  if (!again || again->path != metadata->path || again->overwrite != metadata->overwrite ||
      again->parents != metadata->parents || again->sha256 != metadata->sha256)
    std::abort();
}

void fuzz_range(std::string_view header) {
  const auto range = ByteRange::parse(header, 1000);
  if (range && *range && ((**range).first < 0 || (**range).last >= 1000 || (**range).length() < 1))
    std::abort();
}

void fuzz_address(std::string_view header) {
  static const auto proxies = *TrustedProxies::parse({"127.0.0.0/8", "10.0.0.0/8"});
  const auto client = proxies.client_of(*IpAddress::parse("127.0.0.1"), header);
  if (IpAddress::parse(client.str()) != client) std::abort();
}

/// What an origin says of itself says the same.
void fuzz_origin(std::string_view text) {
  const auto origin = Origin::parse(text);
  if (origin && Origin::parse(origin->str()) != origin) std::abort();
}

} // namespace

/// The values of header fields; the first byte chooses which.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view value{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 10) {
    case 0:
      (void)parse_condition(std::string{value});
      break;
    case 1:
      (void)parse_if_range(value);
      break;
    case 2:
      (void)parse_digest_field(value);
      break;
    case 3:
      fuzz_metadata(value);
      break;
    case 4:
      (void)parse_upload_checksum(value);
      break;
    case 5:
      (void)find_cookie(value, "baluhost_refresh");
      break;
    case 6:
      fuzz_disposition(value);
      break;
    case 7:
      fuzz_range(value);
      break;
    case 8:
      fuzz_address(value);
      (void)is_media_type(value, "application/json");
      break;
    default:
      fuzz_origin(value);
  }
  return 0;
}
