#include "connection/connection.hpp"

#include "baluhost/domain/text.hpp"
#include "dispatch/problem.hpp"
#include "dispatch/routeless.hpp"
#include "fields/http_names.hpp"
#include "runtime/hop.hpp"

#include <strings.h>
#include <algorithm>

// A connection reads one head, answers it and reads the next; nothing is answered after a request
// whose end is in doubt. Each wait has a deadline, kept as a mere number that the loop's clock
// looks at a few times a second: no timer is armed on the way of a request.
namespace baluhost::http {
namespace {

constexpr std::chrono::milliseconds kLingerTime{3000};

/// Of a query for the account's others before it.
constexpr std::chrono::seconds kQueryPatience{10};

Error too_busy() { return {.code = Errc::unavailable, .retry_after = std::chrono::seconds{1}}; }

} // namespace

Connection::Connection(ServerState& server, IoLoop& loop, const Listener& listener,
                       std::unique_ptr<Transport> transport, const IpAddress& peer)
    : state_{.server = server,
             .loop = loop,
             .listener = listener,
             .peer = {.address = peer, .is_proxy = server.proxies.trusts(peer)},
             .link = {.transport = std::move(transport),
                      .timeout = server.options.request_timeout}},
      place_(loop.connections.insert(loop.connections.end(), this)) {
  state_.link.allow_step();
}

Connection::~Connection() {
  state_.loop.connections.erase(place_);
  state_.link.transport.reset();
  state_.server.release(state_.peer.address);
}

Task<void> Connection::serve(std::unique_ptr<Connection> connection) {
  const bool open = co_await connection->state_.link.transport->handshake();
  if (!open) co_return;
  for (;;) {
    const bool arrived = co_await connection->read_head();
    if (!arrived) break;
    const bool more = co_await connection->answer();
    if (!more) break;
    connection->served_ = true;
  }
  co_await connection->linger();
}

/// False: there is no request, or it was refused.
Task<bool> Connection::read_head() {
  Request& request = state_.request;
  request.id.clear();
  request.method = {};
  request.raw_path = {};
  request.route = Metrics::kNoRoute;
  body_.reset();
  HeadScan scan;
  const bool arrived = co_await receive_head(scan);
  if (!arrived) co_return false;
  request.started = SteadyClock::now();
  const auto refusal = check_arrived(scan);
  if (!refusal) {
    request.id = request_id_of(request.head);
    co_return true;
  }
  request.id = make_request_id();
  request.head = RequestHead{};
  auto response = problem(*refusal, request.id);
  response.close = true;
  co_await respond(std::move(response));
  co_return false;
}

/// Reads until `scan` knows the head's end, or why it has none. False: no head comes any more.
Task<bool> Connection::receive_head(HeadScan& scan) {
  Link& link = state_.link;
  const auto begin = SteadyClock::now();
  auto first_byte = begin;
  for (;;) {
    link.in.consume(scan.skip(link.in.view()));
    scan.look(link.in.view());
    if (scan.end || scan.refusal) co_return true;
    // Half a head is no request: its end is not waited for when the server stops.
    if (state_.server.draining.load(std::memory_order_relaxed)) co_return false;
    idle_ = true;
    const bool nothing_yet = link.in.empty();
    link.deadline = nothing_yet && served_ ? begin + state_.server.options.idle_timeout
                                           : first_byte + link.timeout;
    const auto got = co_await link.transport->read_some(link.in.make_room(1024));
    idle_ = false;
    if (got == 0) co_return false;
    if (nothing_yet) first_byte = SteadyClock::now();
    link.in.added(got);
  }
}

/// Takes the head that has arrived, and begins with its body; or why not.
std::optional<Refusal> Connection::check_arrived(const HeadScan& scan) {
  if (scan.refusal) return scan.refusal;
  Request& request = state_.request;
  request.head_text.assign(state_.link.in.view().substr(0, *scan.end));
  state_.link.in.consume(*scan.end);
  if (auto refusal = check_head(request.head_text, request.head)) return refusal;
  if (!body_.begin()) return Refusal{.detail = "the head is malformed"};
  return std::nullopt;
}

Task<bool> Connection::answer() {
  Request& request = state_.request;
  request.raw_path = request.head.path;
  request.keep = request.head.keep_alive;
  RouteMatch match;
  auto routeless = answer_without_route(match);
  if (routeless) co_return co_await respond(*std::move(routeless));
  request.route = match.index;
  Call call = make_call(std::move(match));
  const bool again = co_await answer_call(call);
  explicit_bzero(call.body.data(), call.body.size());
  co_return again;
}

/// The answer where no handler is needed; else `match` says where the request goes.
std::optional<Response> Connection::answer_without_route(RouteMatch& match) {
  Request& request = state_.request;
  const ServerState& server = state_.server;
  const auto segments = split_path(request.raw_path);
  request.method =
      segments ? method_of(request.head, server.routes, *segments) : request.head.method;
  const auto method = parse_method(request.method);
  if (!method && request.method != "TRACE" && request.method != "CONNECT")
    return problem(
        Refusal{.status = 501, .code = "not_implemented", .detail = "The method is not known."},
        request.id);
  if (request.raw_path == "*") return options_of_server();
  if (!segments) {
    if (auto page = page_of_broken_path()) return page;
    return problem(Refusal{.detail = "The path has a broken percent-encoding."}, request.id);
  }
  switch (state_.listener.kind) {
    case Listener::Kind::redirect:
      return segments->front() == server.routes.root
                 ? needs_https(request.id)
                 : redirect_to(server.https_origin(request.head.host), request.head, request.id);
    case Listener::Kind::metrics:
      return metrics_page(server.services.metrics, request.head, request.id);
    case Listener::Kind::main:
      break;
  }
  match = find_route(server.routes.routes, method, *segments);
  if (match.route != nullptr) return std::nullopt;
  if (request.method == "OPTIONS" && !match.allowed.empty())
    return options_of_path(match.allowed, request.head, server.settings.cors);
  if (match.allowed.empty())
    if (auto asset = find_asset(segments->front())) return asset;
  return no_route(match.allowed, request.id);
}

/// A file or page of the web application, where the request is for one.
std::optional<Response> Connection::find_asset(std::string_view root) const {
  const bool pageless = std::ranges::count(state_.server.routes.pageless, root) > 0;
  return asset_response(state_.server.options.assets, state_.request.head,
                        pageless ? Pages::not_here : Pages::here);
}

/// A browser is shown the page, which says in words that there is nothing at such an address.
std::optional<Response> Connection::page_of_broken_path() const {
  if (state_.listener.kind != Listener::Kind::main) return std::nullopt;
  const std::string_view path{state_.request.raw_path};
  const auto root = split_path(path.substr(0, path.find('/', 1)));
  return find_asset(root ? root->front() : std::string_view{});
}

Call Connection::make_call(RouteMatch match) {
  const RequestHead& head = state_.request.head;
  auto client = client_of_request();
  const bool forwarded = client.peer_address.has_value();
  return {.services = state_.server.services,
          .settings = state_.server.settings,
          .head = head,
          .route = match.route,
          .raw_path = state_.request.raw_path,
          .raw_query = head.query,
          .parameters = std::move(match.parameters),
          .client = std::move(client),
          .secure = state_.link.transport->is_tls() ||
                    (state_.peer.is_proxy && head.field("x-forwarded-proto") == "https"),
          .loopback = state_.peer.address.is_loopback() && !forwarded,
          .request_id = state_.request.id};
}

Client Connection::client_of_request() {
  const RequestHead& head = state_.request.head;
  const Peer& peer = state_.peer;
  ServerState& server = state_.server;
  Client client;
  client.ip_address = peer.address;
  if (head.has(field_names::kForwardedFor)) {
    if (peer.is_proxy) {
      const auto address =
          server.proxies.client_of(peer.address, *head.list(field_names::kForwardedFor));
      if (address != peer.address) {
        client.ip_address = address;
        client.peer_address = peer.address;
      }
    } else if (!server.warned_of_forwarding.exchange(true)) {
      server.services.log.message(
          LogLevel::warning,
          "X-Forwarded-For from " + peer.address.str() +
              ", which is not in server.trusted_proxies, is ignored (said once)");
    }
  }
  if (const auto agent = head.field("user-agent"); agent.data() != nullptr)
    client.user_agent = clamp_text(agent, AuditLimits::user_agent);
  return client;
}

Task<bool> Connection::answer_call(Call& call) {
  const RouteTraits& traits = call.route->traits;
  auto& pool = traits.pool == PoolChoice::hashing ? state_.server.hashers : state_.server.workers;
  // Strangers do not fill memory with bodies that are longer than most.
  const bool was_held_back = (body_.awaits_continue() && traits.body != BodyRule::content) ||
                             traits.max_body > kMaxPlainBody;
  if (was_held_back) {
    call.body_too_large = state_.request.head.content_length.value_or(0) > traits.max_body;
    auto refused = co_await admit(call, pool);
    if (refused) co_return co_await respond(*std::move(refused), &call);
    const bool said = !body_.awaits_continue() || co_await body_.say_continue();
    if (!said) co_return false;
  }
  if (traits.body != BodyRule::content) {
    const auto arrival = co_await body_.read_whole(call);
    if (arrival == BodyReceiver::Arrival::broken) co_return false;
    if (arrival == BodyReceiver::Arrival::malformed) co_return co_await refuse_malformed(call);
  }
  if (traits.pool == PoolChoice::query) co_return co_await answer_query(call);
  auto step = co_await handle(
      call, pool, was_held_back ? Dispatcher::Admission::granted : Dispatcher::Admission::pending);
  if (auto* response = std::get_if<Response>(&step))
    co_return co_await respond(std::move(*response), &call);
  auto& sink = std::get<std::unique_ptr<BodySink>>(step);
  auto received = co_await body_.receive(call, std::move(sink));
  if (!received) co_return false;
  co_return co_await respond(*std::move(received), &call);
}

Task<bool> Connection::refuse_malformed(const Call& call) {
  auto response =
      problem(Refusal{.detail = "The chunked coding of the body is malformed."}, call.request_id);
  response.close = true;
  co_return co_await respond(std::move(response));
}

/// An answer if a check before the handler fails.
Task<std::optional<Response>> Connection::admit(Call& call, WorkerPool& pool) {
  std::optional<Response> refused;
  auto check = [&] { refused = Dispatcher::admit(call); };
  state_.link.no_deadline();
  const bool ran = co_await on_pool(state_.loop, pool, Hop::if_room, check);
  if (!ran) refused = problem(too_busy(), call.request_id);
  co_return refused;
}

/// Runs the handler where there is room: in the only hop, or in a second one after `admit`, which
/// may be refused too, since nothing has come of the request so far.
Task<Dispatcher::Step> Connection::handle(Call& call, WorkerPool& pool,
                                          Dispatcher::Admission admission) {
  Dispatcher::Step step;
  auto work = [&] { step = Dispatcher::handle(call, admission); };
  state_.link.no_deadline();
  const bool ran = co_await on_pool(state_.loop, pool, Hop::if_room, work);
  if (!ran) step = problem(too_busy(), call.request_id);
  if (call.not_before > SteadyClock::now()) {
    Timer pause{state_.loop.context};
    pause.expires_at(call.not_before);
    (void)co_await pause.async_wait(as_result);
  }
  co_return step;
}

/// The caller is known before it has to wait for its place, and only the query itself holds that,
/// not the sending of its answer.
Task<bool> Connection::answer_query(Call& call) {
  auto response = co_await admit(call, state_.server.workers);
  if (!response) {
    const auto place = co_await wait_for_place(state_.server, state_.loop, state_.link.waiting,
                                               call.account(), kQueryPatience);
    auto query = [&] {
      response = std::get<Response>(Dispatcher::handle(call, Dispatcher::Admission::granted));
    };
    if (place)
      co_await on_pool(state_.loop, state_.server.queries, Hop::always, query);
    else
      response = problem(too_busy(), call.request_id);
  }
  co_return co_await respond(*std::move(response), &call);
}

/// Sends the answer. False: the connection ends.
Task<bool> Connection::respond(Response response, const Call* call) {
  Request& request = state_.request;
  if (!body_.can_skip() || response.close || state_.server.draining.load(std::memory_order_relaxed))
    request.keep = false;
  state_.link.sending = true;
  const auto sent = co_await sender_.send(response, call);
  state_.link.sending = false;
  account(response, call, sent.bytes);
  if (!sent.complete || !request.keep) co_return false;
  co_return co_await body_.skip();
}

void Connection::account(const Response& response, const Call* call, std::int64_t bytes) {
  if (state_.listener.kind == Listener::Kind::metrics) return;
  const Request& request = state_.request;
  const auto time =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - request.started);
  auto& services = state_.server.services;
  services.metrics.on_request(request.method, request.route, response.status, time.count());
  const auto client =
      call != nullptr && call->client.ip_address ? *call->client.ip_address : state_.peer.address;
  services.log.access(
      {.client = client.str(),
       .user = call != nullptr && call->caller ? call->caller->name() : std::string_view{},
       .method = request.method,
       .path = request.raw_path,
       .status = response.status,
       .bytes = bytes,
       .duration = time,
       .request_id = request.id});
}

/// A connection closed while bytes of the client are unread is reset, and the client may lose the
/// answer: so they are read for some seconds.
Task<void> Connection::linger() {
  Link& link = state_.link;
  if (!link.transport->socket().is_open()) co_return;
  link.transport->end_sending();
  if (!served_ && state_.request.id.empty()) co_return;
  link.allow(kLingerTime);
  for (;;) {
    link.in.clear();
    const auto got = co_await link.transport->read_some(link.in.make_room(64 * 1024));
    if (got == 0) co_return;
  }
}

} // namespace baluhost::http
