#pragma once

#include <string_view>

/// 10000 * major + 100 * minor + patch, for the preprocessor.
#define BALUHOST_VERSION_NUMBER 100

namespace baluhost {

/// The version of these headers, as the build reads it from here; docs/versioning.md says what it
/// promises.
inline constexpr std::string_view kVersion{"0.1.0"};

} // namespace baluhost
