#pragma once

#include <string_view>

/// What a client takes (RFC 9110 section 12.5).
namespace baluhost::http {

/// True if the Accept-Encoding `field` names `coding` or `*`, and not with the weight 0; what is
/// named itself counts before `*`.
bool accepts_coding(std::string_view field, std::string_view coding) noexcept;

/// True if the Accept `field` names the media type `type` itself, and not with the weight 0.
bool accepts_type(std::string_view field, std::string_view type) noexcept;

} // namespace baluhost::http
