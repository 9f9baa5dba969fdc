#pragma once

#include "dispatch/call.hpp"
#include "dispatch/response.hpp"
#include "dispatch/route.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace baluhost::http {

/// Runs requests through the checks of their route and its handler, and answers whatever goes
/// wrong: each failed or refused operation leaves one event, which the core wrote or this does.
/// Blocks; runs on worker threads. Nothing is thrown.
class Dispatcher {
 public:
  using Step = std::variant<Response, std::unique_ptr<BodySink>>;

  /// Whether `admit` has let the request pass, before its body was read.
  enum class Admission { pending, granted };

  /// The checks before the body alone: an answer if one of them fails.
  static std::optional<Response> admit(Call& call) noexcept;

  /// The handler, after the checks if they are pending.
  static Step handle(Call& call, Admission admission) noexcept;

  /// An answer if the sink refuses.
  static std::optional<Response> write(Call& call, BodySink& sink, std::string_view bytes) noexcept;
  static Response finish(Call& call, BodySink& sink, const DigestFields& trailers) noexcept;
  static Response abandon(Call& call, BodySink& sink, Error why) noexcept;

  /// The client went away: no answer reaches it.
  static void disconnected(Call& call, std::unique_ptr<BodySink> sink) noexcept;
};

/// rate_limited, where `whose` requests come faster than `rate` allows; none where not.
std::optional<Error> refuse_above(RequestRate& rate, const std::string& whose, const Call& call);

/// Why a body that was encoded for its way is not taken; none where it was not (RFC 9110
/// section 8.4).
std::optional<Refusal> refuse_coding(const RequestHead& head);

/// The access token of `Authorization: Bearer …`; empty where there is none.
std::string_view bearer_token(const RequestHead& head) noexcept;

} // namespace baluhost::http
