#pragma once

#include "dispatch/response.hpp"
#include "fields/http_names.hpp"

#include <string_view>

namespace baluhost::http {

/// The header lines that every response has, whatever its route and status. Content that users put
/// here gets a policy under which it cannot run; Strict-Transport-Security goes over TLS only (RFC
/// 6797 section 7.2).
std::string_view security_headers(Author author, Scheme scheme) noexcept;

} // namespace baluhost::http
