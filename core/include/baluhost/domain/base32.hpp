#pragma once

#include <string>
#include <string_view>

namespace baluhost {

/// RFC 4648 section 6, in lower case and unpadded.
std::string to_base32(std::string_view bytes);

} // namespace baluhost
