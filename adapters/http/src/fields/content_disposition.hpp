#pragma once

#include <string>
#include <string_view>

namespace baluhost::http {

/// Whether a browser saves what comes, or shows it.
enum class Disposition { attachment, in_place };

/// The value of Content-Disposition with the file's name (RFC 6266): as it is where it is harmless
/// ASCII, else a plain substitute and the exact name in `filename*` (RFC 8187).
std::string content_disposition(Disposition disposition, std::string_view filename);

/// Whether browsers show the media type and run nothing of it: raster images, audio, video and
/// plain text, by a fixed list.
bool is_inert(std::string_view media_type) noexcept;

} // namespace baluhost::http
