#pragma once

#include "baluhost/http/asset.hpp"
#include "baluhost/http/metrics.hpp"
#include "dispatch/cors.hpp"
#include "dispatch/response.hpp"
#include "fields/head_check.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

/// Answers that need no handler.
namespace baluhost::http {

/// Of `OPTIONS *`.
Response options_of_server();

/// Of OPTIONS where the path is known but has no route for it, preflights too; `allowed` as in
/// Allow.
Response options_of_path(std::string_view allowed, const RequestHead& head, const Cors& cors);

/// Where the pages of the web application are not.
enum class Pages { here, not_here };

/// The file of the web application at the path of a GET or HEAD, with the best coding that its
/// client takes, or 304; its page where there is no such file, `pages` are here and the client
/// takes HTML. None where it is none of these.
std::optional<Response> asset_response(std::span<const WebAsset> assets, const RequestHead& head,
                                       Pages pages);

/// 405 with what is `allowed`; 404 where that is empty.
Response no_route(std::string_view allowed, std::string_view request_id);

/// 308 to the same target at `origin`; 403 as `needs_https` where that is empty, the request names
/// no host or its method is neither GET nor HEAD.
Response redirect_to(std::string_view origin, const RequestHead& head, std::string_view request_id);

/// 403: a client is not to get used to sending secrets in the clear.
Response needs_https(std::string_view request_id);

/// The metrics' text; 404 for all but `/metrics`.
Response metrics_page(const Metrics& metrics, const RequestHead& head, std::string_view request_id);

} // namespace baluhost::http
