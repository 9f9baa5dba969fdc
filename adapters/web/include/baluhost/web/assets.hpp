#pragma once

#include "baluhost/http/asset.hpp"

#include <span>

namespace baluhost {

/// The files of the web application, sorted by path, for `HttpOptions::assets`; empty where it was
/// left out of the build (`BALUHOST_WEB`).
std::span<const WebAsset> web_assets() noexcept;

} // namespace baluhost
