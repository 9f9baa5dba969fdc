#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace baluhost::memory {

/// The integer that the JSON object `json` has for its member `key` itself, not in an object below;
/// none where there is no such member, or it is no integer of 64 bits, or `json` is not an object.
std::optional<std::int64_t> json_integer(std::string_view json, std::string_view key);

} // namespace baluhost::memory
