#pragma once

#include "dispatch/call.hpp"
#include "dispatch/response.hpp"

#include "baluhost/core/transfers/download.hpp"

#include <string>

/// What every GET of a content has in common.
namespace baluhost::http {

/// The conditions and the range. invalid_request.
Result<DownloadRequest> read_download(const Call& call);

/// The value of Content-Range.
std::string content_range(const ByteRange& range, std::int64_t size);

} // namespace baluhost::http
