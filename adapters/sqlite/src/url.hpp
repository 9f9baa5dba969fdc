#pragma once

#include "baluhost/domain/result.hpp"

#include <string>
#include <string_view>

namespace baluhost::sqlite {

/// The path in the URL of a database, "sqlite:PATH".
std::string path_of(std::string_view url);

/// invalid_request: it names no file, or means another thing than it seems to.
Result<void> check_url(std::string_view url);

} // namespace baluhost::sqlite
