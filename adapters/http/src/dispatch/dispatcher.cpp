#include "dispatch/dispatcher.hpp"

#include "baluhost/domain/text.hpp"
#include "dispatch/problem.hpp"
#include "fields/content_types.hpp"
#include "fields/cookies.hpp"
#include "fields/http_names.hpp"

#include <exception>
#include <utility>

// The order of the checks is the contract's: token, rights, content type, body. Whoever may not do
// a thing learns nothing about how it would have been read.
namespace baluhost::http {
namespace {

/// What the record says of a request that comes to nothing; none where its route is not recorded.
std::optional<FailedRequest> failed_request_of(const Call& call) {
  const auto action = call.fails_as ? call.fails_as : call.route->traits.action;
  if (!action) return std::nullopt;
  return call.failed_request(*action);
}

/// No search engine is to keep what came by a share.
Response unindexed(const Call& call, Response response) {
  const bool by_share =
      call.caller ? call.caller->share() != nullptr
                  : call.route->traits.shares && call.route->permission == Permission::anyone;
  if (by_share) response.add("X-Robots-Tag", "noindex");
  return response;
}

Response refuse(Call& call, const Refusal& refusal) {
  if (const auto failed = failed_request_of(call))
    if (const auto written = record_refusal(call.services.audit_log, *failed, refusal.code);
        !written)
      return problem(written.error(), call.request_id);
  return unindexed(call, problem(refusal, call.request_id));
}

Response fail(Call& call, Error error) {
  if (const auto failed = failed_request_of(call))
    error = record_failure(call.services.audit_log, *failed, std::move(error));
  if (error.code == Errc::internal || error.code == Errc::unavailable ||
      error.code == Errc::insufficient_storage)
    call.services.log.message(error.code == Errc::internal ? LogLevel::error : LogLevel::warning,
                              std::string{to_string(call.route->method)} + " " +
                                  std::string{call.route->pattern} + " [" + call.request_id +
                                  "]: " + std::string{code_of(error.code)} + ": " +
                                  printable(error.detail));
  return unindexed(call, problem(error, call.request_id, call.route->traits.protocol));
}

/// Runs a step; what it throws is our mistake, for the log alone.
template <class Step>
auto guarded(Call& call, Step step) noexcept -> decltype(step()) {
  try {
    return step();
  } catch (const std::exception& exception) {
    return fail(call, Error{.code = Errc::internal, .detail = exception.what()});
  } catch (...) {
    return fail(call, Error{.code = Errc::internal, .detail = "an unknown exception"});
  }
}

Dispatcher::Step to_step(Call& call, Outcome outcome) {
  auto& state = outcome.state();
  if (auto* response = std::get_if<Response>(&state)) return unindexed(call, std::move(*response));
  if (auto* sink = std::get_if<std::unique_ptr<BodySink>>(&state)) return std::move(*sink);
  if (auto* refusal = std::get_if<Refusal>(&state)) return refuse(call, *refusal);
  return fail(call, std::move(std::get<Error>(state)));
}

/// What a route's permission withholds, or the caller's credential.
Response deny(Call& call, std::string_view required, Errc code) {
  const RouteTraits& traits = call.route->traits;
  const auto operation = traits.operation ? to_string(*traits.operation) : traits.action->name();
  return fail(call, call.services.audit_log.denied(call.principal(), printable(call.raw_path),
                                                   operation, required, Error{.code = code}));
}

std::optional<Response> check_rights(Call& call) {
  const Route& route = *call.route;
  const auto& caller = call.principal();
  if (const auto lacking = lacks_for(caller.credential(), {.scope = route.traits.scope,
                                                           .is_for_shares = route.traits.shares,
                                                           .address = call.client.ip_address}))
    return deny(call, *lacking, Errc::forbidden);
  if (caller.lacks_second_factor() && !route.traits.before_second_factor)
    return deny(call, "second_factor", Errc::second_factor_setup_required);
  if (permits(caller.role(), route.permission)) return std::nullopt;
  const bool other_user = route.traits.hides_others && call.parameters.front() != caller.name();
  return deny(call, to_string(route.permission), other_user ? Errc::not_found : Errc::forbidden);
}

/// What a body that is to be JSON says of itself.
std::optional<Refusal> refuse_body(const Route& route, const RequestHead& head) {
  if (route.traits.body != BodyRule::json && route.traits.body != BodyRule::optional_json)
    return std::nullopt;
  if (head.has_body() &&
      !is_media_type(head.field(field_names::kContentType), content_types::kJson))
    return Refusal{.status = 415,
                   .code = "unsupported_media_type",
                   .detail = "The body is to be application/json."};
  return refuse_coding(head);
}

/// Whether a browser may have been made to send its cookies by another site's page.
bool is_cross_site(const RequestHead& head) {
  const auto site = head.field("sec-fetch-site");
  return site.data() != nullptr && site != "same-origin" && site != "none";
}

/// Finds the token that tells the caller. A header that is there decides alone: the cookie is for
/// requests that cannot have one.
void find_token(Call& call) {
  call.token = bearer_token(call.head);
  if (!call.route->traits.read_cookie || call.head.has("authorization") || is_cross_site(call.head))
    return;
  const auto find = [&](TokenCookie cookie) {
    return find_cookie(call.head.field(field_names::kCookie), cookie_name(cookie, call.scheme()));
  };
  const auto take = [&](const std::optional<std::string_view>& token, Audience audience) {
    if (!token) return false;
    call.token = *token;
    call.audience = audience;
    return true;
  };
  // A browser may have both: a path says by which it is asked for. What has none may be of either.
  const auto& route = *call.route;
  const bool has_path = route.pattern.ends_with("{path}");
  const bool is_shared = has_path && call.parameters.front() == FilePath::kSharedHome;
  const bool may_be_shared = is_shared || (route.traits.shares && !has_path);
  const auto share = may_be_shared ? find(TokenCookie::share) : std::nullopt;
  if (is_shared || !take(find(TokenCookie::read), Audience::read))
    take(share, Audience::share);
  else
    call.share_token = share.value_or(std::string_view{});
}

/// Who asks; of two cookies the second counts where the first is over.
Result<Principal> authenticate(Call& call) {
  auto& auth = call.services.auth;
  auto principal = auth.authenticate(call.token, call.client, call.audience);
  if (principal || call.share_token.empty()) return principal;
  call.token = std::exchange(call.share_token, {});
  call.audience = Audience::share;
  return auth.authenticate(call.token, call.client, call.audience);
}

std::optional<Response> check(Call& call) {
  const Route& route = *call.route;
  if (route.permission != Permission::anyone) {
    find_token(call);
    auto principal = authenticate(call);
    if (!principal) {
      auto error = std::move(principal).error();
      error.recorded = true; // as `invalid_token`, not as a failure of what was asked for
      return fail(call, std::move(error));
    }
    call.caller = *std::move(principal);
    if (auto denied = check_rights(call)) return denied;
  }
  if (const auto refusal = refuse_body(route, call.head)) return refuse(call, *refusal);
  if (call.body_too_large) return fail(call, Error{.code = Errc::payload_too_large});
  auto query = Query::parse(call.raw_query, route.traits.query);
  if (!query) return fail(call, std::move(query).error());
  call.query = *std::move(query);
  if (route.traits.expensive) {
    const auto whose = std::to_string(call.account()) + " " + std::string{route.pattern};
    if (auto late = refuse_above(call.settings.expensive, whose, call))
      return fail(call, *std::move(late));
  }
  if (route.traits.slots != nullptr) {
    call.slot = (call.settings.*route.traits.slots).take(call.account());
    if (!call.slot)
      return fail(call, Error{.code = Errc::unavailable,
                              .detail = "too many of these at once",
                              .retry_after = std::chrono::seconds{1}});
  }
  return std::nullopt;
}

} // namespace

std::optional<Error> refuse_above(RequestRate& rate, const std::string& whose, const Call& call) {
  const auto wait = rate.take(whose, call.services.clock.monotonic());
  if (wait.count() == 0) return std::nullopt;
  return Error{.code = Errc::rate_limited, .retry_after = wait};
}

std::optional<Response> Dispatcher::admit(Call& call) noexcept {
  return guarded(call, [&]() -> std::optional<Response> { return check(call); });
}

Dispatcher::Step Dispatcher::handle(Call& call, Admission admission) noexcept {
  if (admission == Admission::pending) {
    if (auto refused = admit(call)) return *std::move(refused);
  } else if (call.body_too_large) {
    return problem(Error{.code = Errc::payload_too_large}, call.request_id);
  }
  return guarded(call, [&]() -> Step { return to_step(call, call.route->handler(call)); });
}

std::optional<Response> Dispatcher::write(Call& call, BodySink& sink,
                                          std::string_view bytes) noexcept {
  return guarded(call, [&]() -> std::optional<Response> {
    auto written = sink.write(bytes);
    if (written) return std::nullopt;
    return fail(call, std::move(written).error());
  });
}

Response Dispatcher::finish(Call& call, BodySink& sink, const DigestFields& trailers) noexcept {
  return guarded(call, [&]() -> Response {
    auto step = to_step(call, sink.finish(trailers));
    return std::move(std::get<Response>(step));
  });
}

Response Dispatcher::abandon(Call& call, BodySink& sink, Error why) noexcept {
  return guarded(call, [&]() -> Response { return fail(call, sink.abandon(std::move(why))); });
}

void Dispatcher::disconnected(Call& call, std::unique_ptr<BodySink> sink) noexcept {
  (void)guarded(call, [&]() -> std::optional<Response> {
    (void)sink->abandon(Error{.code = Errc::client_disconnected, .detail = "the body ended early"});
    sink.reset();
    return std::nullopt;
  });
}

std::optional<Refusal> refuse_coding(const RequestHead& head) {
  const auto coding = head.field("content-encoding");
  if (coding.empty() || equals_ignoring_case(coding, "identity")) return std::nullopt;
  return Refusal{.status = 415,
                 .code = "unsupported_media_type",
                 .detail = "Bodies are taken as they are: without Content-Encoding.",
                 .headers = "Accept-Encoding: identity\r\n"};
}

std::string_view bearer_token(const RequestHead& head) noexcept {
  auto value = head.field("authorization");
  const auto scheme = take_until(value, ' ');
  return equals_ignoring_case(scheme, "bearer") ? trimmed(value) : std::string_view{};
}

} // namespace baluhost::http
