#pragma once

#include "dispatch/call.hpp"
#include "dispatch/response.hpp"
#include "fields/content_disposition.hpp"

#include "baluhost/core/transfers/download.hpp"

/// How the content of a file, or of a version of it, is answered.
namespace baluhost::http {

/// `disposition`: inline or attachment. invalid_request.
Result<Disposition> read_disposition(const Query& query);

/// 304, 206 or 200, with its content where that is asked for.
Outcome answer_with(Call& call, Download download, Disposition disposition);

} // namespace baluhost::http
