#pragma once

#include "connection/request.hpp"
#include "dispatch/call.hpp"
#include "dispatch/response.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost::http {

/// How the end of a body shows: by its length, by its chunks or by the connection's end.
struct Framing {
  std::optional<std::int64_t> length{};
  bool chunked{false};
};

/// What the head of every answer of a connection is made from.
struct HeadContext {
  const Clock& clock;
  const Cors& cors;
  Scheme scheme{Scheme::http};
};

/// Writes the head of an answer to `request` over `out`. `call` is null where no route was found.
void render_head(std::string& out, const HeadContext& context, const Request& request,
                 const Response& response, const Call* call, Framing framing);

} // namespace baluhost::http
