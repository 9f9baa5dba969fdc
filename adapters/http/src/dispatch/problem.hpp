#pragma once

#include "baluhost/domain/error.hpp"
#include "dispatch/response.hpp"

#include <string_view>

/// Failures as clients see them: problem details (RFC 9457) and nothing of what is inside.
namespace baluhost::http {

/// The status of a failure. tus has one of its own for digests.
int status_of(Errc code, bool tus) noexcept;
std::string_view reason_phrase(int status) noexcept;

Response problem(const Error& error, std::string_view request_id, bool tus = false);
Response problem(const Refusal& refusal, std::string_view request_id);

} // namespace baluhost::http
