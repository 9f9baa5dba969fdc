#include "dispatch/cors.hpp"

#include "dispatch/origin.hpp"

#include <algorithm>

namespace baluhost::http {
namespace {

constexpr std::string_view kExposed =
    "ETag, Location, Content-Range, Content-Disposition, Repr-Digest, Retry-After, X-Request-Id, "
    "Tus-Resumable, Upload-Offset, "
    "Upload-Length, Upload-Expires, Upload-Metadata, Tus-Version, Tus-Extension, Tus-Max-Size, "
    "Tus-Checksum-Algorithm, Accept-Ranges, "
    "Allow, WWW-Authenticate, Accept-Encoding, Content-Length, Last-Modified, Date";
constexpr std::string_view kAccepted =
    "Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, "
    "If-Range, Range, Content-Digest, Repr-Digest, "
    "X-Request-Id, X-Requested-With, Last-Event-ID, Tus-Resumable, Upload-Length, Upload-Offset, "
    "Upload-Metadata, Upload-Checksum, "
    "X-HTTP-Method-Override";

} // namespace

Result<Cors> Cors::parse(const std::vector<std::string>& origins) {
  Cors cors;
  for (const std::string& origin : origins) {
    const auto parsed = Origin::parse(origin);
    if (!parsed) {
      return invalid("\"" + origin +
                     "\" is not of the form https://host[:port], "
                     "the host as browsers send it (xn--… for other letters)");
    }
    cors.origins_.push_back(parsed->str());
  }
  return cors;
}

bool Cors::allows(std::string_view origin) const noexcept {
  return std::ranges::find(origins_, origin) != origins_.end();
}

void Cors::add_headers(std::string& out, std::string_view origin) const {
  if (origins_.empty()) return;
  out += "Vary: Origin\r\n";
  if (!allows(origin)) return;
  out.append("Access-Control-Allow-Origin: ").append(origin);
  out.append("\r\nAccess-Control-Allow-Credentials: true\r\nAccess-Control-Expose-Headers: ")
      .append(kExposed)
      .append("\r\n");
}

void Cors::add_preflight(std::string& out, std::string_view origin,
                         std::string_view methods) const {
  if (!allows(origin)) return;
  out.append("Access-Control-Allow-Methods: ").append(methods);
  out.append("\r\nAccess-Control-Allow-Headers: ")
      .append(kAccepted)
      .append("\r\nAccess-Control-Max-Age: 600\r\n");
}

} // namespace baluhost::http
