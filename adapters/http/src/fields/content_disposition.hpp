#pragma once

#include <string>
#include <string_view>

namespace baluhost::http {

/// `attachment` with the file's name (RFC 6266): as it is where it is harmless ASCII, else a plain
/// substitute and the exact name in `filename*` (RFC 8187).
std::string attachment_disposition(std::string_view filename);

} // namespace baluhost::http
