#include "routes/content/download_request.hpp"

#include "fields/conditional.hpp"
#include "fields/http_names.hpp"

#include <utility>

namespace baluhost::http {

Result<DownloadRequest> read_download(const Call& call) {
  DownloadRequest request;
  request.content = !call.is_head();
  BALUHOST_TRY(request.conditions, read_preconditions(call.head));
  request.conditions.if_modified_since = parse_condition_date(call.head.field("if-modified-since"));
  if (const auto range = call.head.field("range"); range.data() != nullptr && request.content) {
    request.range = std::string{range};
    auto if_range = parse_if_range(call.head.field("if-range"));
    request.if_range_etag = std::move(if_range.etag);
    request.if_range_date = if_range.date;
  }
  return request;
}

std::string content_range(const ByteRange& range, std::int64_t size) {
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" +
         std::to_string(size);
}

} // namespace baluhost::http
