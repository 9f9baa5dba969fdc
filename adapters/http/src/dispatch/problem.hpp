#pragma once

#include "baluhost/domain/error.hpp"
#include "dispatch/response.hpp"

#include <string_view>

/// Failures as clients see them: problem details (RFC 9457) and nothing of what is inside.
namespace baluhost::http {

/// Whose status codes a route has: tus has one of its own for digests.
enum class Protocol { http, tus };

int status_of(Errc code, Protocol protocol = Protocol::http) noexcept;

/// "Not Found"; "Unknown" for a status that is not used here.
std::string_view reason_phrase(int status) noexcept;

Response problem(const Error& error, std::string_view request_id,
                 Protocol protocol = Protocol::http);
Response problem(const Refusal& refusal, std::string_view request_id);

} // namespace baluhost::http
