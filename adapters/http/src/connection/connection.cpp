#include "connection/connection.hpp"

#include "baluhost/domain/text.hpp"
#include "dispatch/problem.hpp"
#include "fields/http_names.hpp"
#include "server/hop.hpp"

#include <strings.h>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <random>
#include <span>

// A connection reads one head, answers it and reads the next; nothing is answered behind a request
// whose end is in doubt. Each wait has a deadline, kept as a mere number that the loop's clock
// looks at a few times a second: no timer is armed on the way of a request.
namespace baluhost::http {
namespace {

constexpr std::size_t kPiece = 256 * 1024;    ///< of a body, given to a sink at once
constexpr std::size_t kSkippable = 64 * 1024; ///< of an unread body, for the sake of the connection
constexpr std::int64_t kLeastRate = 1024;     ///< bytes a second, on average over a window
constexpr std::chrono::milliseconds kLingerTime{3000};
constexpr std::chrono::seconds kQueryPatience{
    10}; ///< of a query for the account's others before it

/// Unique, not secret.
std::string make_request_id() {
  thread_local std::mt19937_64 numbers{std::random_device{}()};
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string id(16, '0');
  auto number = numbers();
  for (char& c : id) {
    c = kHex[number & 15];
    number >>= 4;
  }
  return id;
}

/// On the routes of resumable uploads a client that cannot send PATCH or DELETE names the method in
/// a field, and the one of the request line does not count (tus 1.0.0, X-HTTP-Method-Override).
/// Elsewhere the field means nothing.
std::string_view method_of(const RequestHead& head, std::span<const std::string> segments) {
  constexpr std::string_view kUploads[] = {"api", "v1", "uploads"};
  const auto named = head.field("x-http-method-override");
  const bool is_upload = segments.size() >= std::size(kUploads) &&
                         std::ranges::equal(segments.first(std::size(kUploads)), kUploads);
  return named.data() != nullptr && is_upload ? named : head.method;
}

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_alnum(c) || c == '.' || c == '_' || c == '-';
  });
}

} // namespace

/// One request's body, as a newer request may look at it and end it. What it says is atomic, what
/// it does is the loop's.
class Connection::BodyWatch final : public ChunkConnection,
                                    public std::enable_shared_from_this<BodyWatch> {
 public:
  explicit BodyWatch(Connection& connection) : connection_(&connection), loop_(connection.loop_) {}

  std::chrono::milliseconds silence() const noexcept override {
    const auto since = waits_since_.load(std::memory_order_relaxed);
    if (since == 0) return std::chrono::milliseconds{0};
    const SteadyClock::duration waited =
        SteadyClock::now().time_since_epoch() - SteadyClock::duration{since};
    return std::chrono::duration_cast<std::chrono::milliseconds>(waited);
  }

  void close() noexcept override {
    asio::post(loop_.context, [self = shared_from_this()] {
      if (self->connection_ != nullptr) self->connection_->cut();
    });
  }

  void waits() noexcept { waits_since_ = SteadyClock::now().time_since_epoch().count(); }
  void goes_on() noexcept { waits_since_ = 0; }
  void end() noexcept { connection_ = nullptr; }

 private:
  std::atomic<SteadyClock::rep> waits_since_{0}; ///< 0: it does not
  Connection* connection_;                       ///< none once the body is over
  IoLoop& loop_;
};

/// The watch of a connection while it lives.
struct Connection::Watched {
  Watched(Connection& watched, BodySink& sink) : connection(watched) {
    connection.watch_ = std::make_shared<BodyWatch>(connection);
    sink.set_connection(connection.watch_);
  }
  ~Watched() {
    connection.watch_->end();
    connection.watch_.reset();
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  Connection& connection;
};

Connection::Connection(ServerState& server, IoLoop& loop, const Listener& listener,
                       std::unique_ptr<Transport> transport, const IpAddress& peer)
    : server_(server),
      loop_(loop),
      listener_(listener),
      transport_(std::move(transport)),
      peer_(peer),
      peer_text_(peer.str()),
      peer_is_proxy_(server.proxies.trusts(peer)),
      place_(loop.connections.insert(loop.connections.end(), this)) {
  allow(server_.options.request_timeout);
}

Connection::~Connection() {
  loop_.connections.erase(place_);
  transport_.reset();
  server_.release(peer_);
}

Task<void> Connection::serve(std::unique_ptr<Connection> connection) {
  const bool open = co_await connection->transport_->handshake();
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

Task<bool> Connection::read_head() {
  HeadScan scan;
  const auto begin = SteadyClock::now();
  auto first_byte = begin;
  request_id_.clear();
  method_ = {};
  raw_path_ = {};
  route_ = Metrics::kNoRoute;
  body_ = Body{};
  for (;;) {
    in_.consume(scan.skip(in_.view()));
    scan.look(in_.view());
    if (scan.end || scan.fault) break;
    // Half a head is no request: nobody waits for its end when the server stops.
    if (server_.draining.load(std::memory_order_relaxed)) co_return false;
    idle_ = true;
    const bool nothing_yet = in_.empty();
    deadline_ = nothing_yet && served_ ? begin + server_.options.idle_timeout
                                       : first_byte + server_.options.request_timeout;
    const auto got = co_await transport_->read_some(in_.make_room(1024));
    idle_ = false;
    if (got == 0) co_return false;
    if (nothing_yet) first_byte = SteadyClock::now();
    in_.added(got);
  }
  started_ = SteadyClock::now();
  std::optional<HeadFault> fault = scan.fault;
  if (!fault) {
    head_text_.assign(in_.view().substr(0, *scan.end));
    in_.consume(*scan.end);
    fault = check_head(head_text_, head_);
  }
  if (!fault) {
    if (head_.chunked) {
      body_.decoder = std::make_unique<ChunkDecoder>(head_text_);
      if (body_.decoder->state() == ChunkDecoder::State::malformed)
        fault = HeadFault{.detail = "the head is malformed"};
    }
    body_.left = head_.content_length.value_or(0);
    body_.done = !head_.has_body();
    body_.awaits_continue = head_.expects_continue;
  }
  if (!fault) {
    const auto id = head_.field("x-request-id");
    request_id_ = is_request_id(id) ? std::string{id} : make_request_id();
    co_return true;
  }
  request_id_ = make_request_id();
  head_ = RequestHead{};
  co_await refuse(*fault, true);
  co_return false;
}

Task<bool> Connection::refuse(HeadFault fault, bool close) {
  const Refusal refusal{fault.status, fault.code, fault.detail};
  auto response = problem(refusal, request_id_);
  response.close = close;
  const bool again = co_await respond(std::move(response), nullptr);
  co_return again;
}

Task<bool> Connection::answer() {
  raw_path_ = head_.path;
  keep_ = head_.keep_alive;
  auto segments = split_path(raw_path_);
  method_ = segments ? method_of(head_, *segments) : head_.method;
  const auto method = parse_method(method_);
  if (!method && method_ != "TRACE" && method_ != "CONNECT") {
    const HeadFault fault{501, "not_implemented", "The method is not known."};
    co_return co_await refuse(fault, false);
  }
  if (raw_path_ == "*") {
    auto response = no_content();
    response.add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    co_return co_await respond(std::move(response), nullptr);
  }
  if (!segments) {
    const HeadFault fault{.detail = "The path has a broken percent-encoding."};
    co_return co_await refuse(fault, false);
  }
  if (listener_.kind == Listener::Kind::redirect) co_return co_await answer_redirect();
  if (listener_.kind == Listener::Kind::metrics) co_return co_await answer_metrics();
  auto match = find_route(method, *segments);
  if (!match.route) co_return co_await answer_without_route(std::move(match.allowed));
  route_ = match.index;
  Call call{server_.services,
            server_.settings,
            head_,
            match.route,
            raw_path_,
            head_.query,
            std::move(match.parameters),
            client_of_request(),
            false,
            false,
            request_id_,
            {},
            false};
  call.secure =
      transport_->is_tls() || (peer_is_proxy_ && head_.field("x-forwarded-proto") == "https");
  call.loopback = peer_.is_loopback() && !call.client.peer_address;
  const bool again = co_await answer_call(call);
  explicit_bzero(call.body.data(), call.body.size());
  co_return again;
}

Client Connection::client_of_request() {
  Client client;
  client.ip_address = peer_text_;
  if (head_.has("x-forwarded-for")) {
    if (peer_is_proxy_) {
      const auto address = server_.proxies.client_of(peer_, *head_.list("x-forwarded-for"));
      if (address != peer_) {
        client.ip_address = address.str();
        client.peer_address = peer_text_;
      }
    } else if (!server_.warned_of_forwarding.exchange(true)) {
      server_.services.log.message(
          LogLevel::warning,
          "X-Forwarded-For from " + peer_text_ +
              ", which is not in server.trusted_proxies, is ignored (said once)");
    }
  }
  if (const auto agent = head_.field("user-agent"); agent.data() != nullptr)
    client.user_agent = clamp_text(agent, AuditLimits::user_agent);
  return client;
}

Task<bool> Connection::answer_without_route(std::string allowed) {
  if (allowed.empty()) {
    const HeadFault fault{404, "not_found", "There is nothing here."};
    co_return co_await refuse(fault, false);
  }
  if (method_ == "OPTIONS") {
    auto response = no_content();
    response.add("Allow", allowed);
    if (head_.has("access-control-request-method"))
      server_.settings.cors.add_preflight(response.headers, head_.field("origin"), allowed);
    co_return co_await respond(std::move(response), nullptr);
  }
  const Refusal refusal{405, "method_not_allowed", "The method is not allowed here.",
                        "Allow: " + allowed + "\r\n"};
  auto response = problem(refusal, request_id_);
  co_return co_await respond(std::move(response), nullptr);
}

/// Where the redirect leads: never to a name that only the request knows, or a stranger's link
/// would lead anywhere.
std::string Connection::https_origin() const {
  if (server_.settings.public_url) return server_.settings.public_url->str();
  const auto requested = Origin::of(true, head_.host);
  const auto name = requested ? named_host(server_.tls(), requested->host) : std::nullopt;
  return name ? Origin{true, *name, server_.https_port}.str() : std::string{};
}

Task<bool> Connection::answer_redirect() {
  const bool page = head_.method == "GET" || head_.method == "HEAD";
  const auto segments = split_path(raw_path_);
  if (!page || !segments || segments->front() == "api" || head_.host.empty()) {
    const HeadFault fault{403, "forbidden", "This needs https."};
    co_return co_await refuse(fault, false);
  }
  const auto target = https_origin();
  if (target.empty()) {
    const HeadFault fault{403, "forbidden", "This needs https."};
    co_return co_await refuse(fault, false);
  }
  Response response;
  response.status = 308;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::string{"This is served over https.\n"};
  const auto query = head_.query.empty() ? std::string{} : "?" + std::string{head_.query};
  response.add("Location", target + std::string{raw_path_} + query);
  co_return co_await respond(std::move(response), nullptr);
}

Task<bool> Connection::answer_metrics() {
  if (raw_path_ != "/metrics" || (head_.method != "GET" && head_.method != "HEAD")) {
    const HeadFault fault{404, "not_found", "Here are only metrics."};
    co_return co_await refuse(fault, false);
  }
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = server_.services.metrics.text();
  co_return co_await respond(std::move(response), nullptr);
}

Task<bool> Connection::answer_call(Call& call) {
  const bool streams = call.route->traits.body == BodyRule::content;
  auto& pool = call.route->traits.pool == PoolChoice::hashing ? server_.hashers : server_.workers;
  bool admitted = false;
  if (!streams) {
    if (body_.awaits_continue) {
      call.body_too_large = head_.content_length.value_or(0) > kMaxPlainBody;
      std::optional<Response> refused;
      auto check = [&] { refused = Dispatcher::admit(call); };
      no_deadline();
      const bool ran = co_await on_pool(loop_, pool, Hop::if_room, check);
      if (!ran) refused = problem(Error{.code = Errc::unavailable}, request_id_);
      if (refused) co_return co_await respond(*std::move(refused), &call);
      admitted = true;
      const bool said = co_await say_continue();
      if (!said) co_return false;
    }
    const auto arrival = co_await read_whole_body(call);
    if (arrival == Arrival::broken) co_return false;
    if (arrival == Arrival::malformed) {
      const HeadFault fault{.detail = "The chunked coding of the body is malformed."};
      co_return co_await refuse(fault, true);
    }
  }
  if (call.route->traits.pool == PoolChoice::query) co_return co_await answer_query(call);
  Dispatcher::Step step;
  auto work = [&] {
    if (admitted && call.body_too_large)
      step = problem(Error{.code = Errc::payload_too_large}, request_id_);
    else
      step = admitted ? Dispatcher::handle(call) : Dispatcher::admit_and_handle(call);
  };
  no_deadline();
  const bool ran = co_await on_pool(loop_, pool, Hop::if_room, work);
  if (!ran)
    step = problem(Error{.code = Errc::unavailable, .retry_after = std::chrono::seconds{1}},
                   request_id_);
  if (call.not_before > SteadyClock::now()) {
    Timer pause{loop_.context};
    pause.expires_at(call.not_before);
    (void)co_await pause.async_wait(as_result);
  }
  if (auto* sink = std::get_if<std::unique_ptr<BodySink>>(&step))
    co_return co_await receive(call, std::move(*sink));
  co_return co_await respond(std::move(std::get<Response>(step)), &call);
}

/// Who asks is known before he has to wait for his place, and only the query itself holds it, not
/// the sending of its answer.
Task<bool> Connection::answer_query(Call& call) {
  std::optional<Response> response;
  auto check = [&] { response = Dispatcher::admit(call); };
  no_deadline();
  const bool ran = co_await on_pool(loop_, server_.workers, Hop::if_room, check);
  if (!ran)
    response = problem(Error{.code = Errc::unavailable, .retry_after = std::chrono::seconds{1}},
                       request_id_);
  if (!response) {
    const auto place = co_await wait_for_place(call.account(), kQueryPatience);
    auto query = [&] { response = std::get<Response>(Dispatcher::handle(call)); };
    if (place)
      co_await on_pool(loop_, server_.queries, Hop::always, query);
    else
      response = problem(Error{.code = Errc::unavailable, .retry_after = std::chrono::seconds{1}},
                         request_id_);
  }
  co_return co_await respond(*std::move(response), &call);
}

/// None: others of the account took longer than `patience`, or too many wait.
Task<QueryPlaces::Place> Connection::wait_for_place(std::int64_t account,
                                                    std::chrono::seconds patience) {
  const auto timer = std::make_shared<Timer>(loop_.context);
  auto& context = loop_.context;
  const auto waiter = std::make_shared<QueryPlaces::Waiter>(
      [&context, timer] { asio::post(context, [timer] { timer->cancel(); }); });
  timer->expires_after(patience);
  auto& places = server_.query_places;
  const auto entered = places.enter(account, waiter);
  if (entered == QueryPlaces::Entered::refused) co_return QueryPlaces::Place{};
  if (entered == QueryPlaces::Entered::waits) {
    waiting_ = timer.get();
    (void)co_await timer->async_wait(as_result);
    waiting_ = nullptr;
  }
  co_return places.collect(account, waiter);
}

Task<Connection::Arrival> Connection::read_whole_body(Call& call) {
  call.body_too_large = head_.content_length.value_or(0) > kMaxPlainBody;
  if (body_.done || call.body_too_large) co_return Arrival::end;
  ByteBuffer bytes{static_cast<std::size_t>(
      std::min(kMaxPlainBody + 1, body_.decoder ? kMaxPlainBody + 1 : body_.left))};
  begin_body();
  const auto arrival = co_await read_body(bytes, bytes.free());
  call.body_too_large = static_cast<std::int64_t>(bytes.size()) > kMaxPlainBody;
  if (call.route->traits.body != BodyRule::ignored) call.body = bytes.view();
  co_return arrival == Arrival::more ? Arrival::end : arrival;
}

Task<bool> Connection::receive(Call& call, std::unique_ptr<BodySink> sink) {
  if (body_.awaits_continue) co_await say_continue();
  std::optional<Response> response;
  const Watched watched{*this, *sink};
  ByteBuffer piece{body_.decoder ? kPiece : std::min(kPiece, static_cast<std::size_t>(body_.left))};
  begin_body();
  bool ended = body_.done;
  while (!ended) {
    piece.clear();
    const auto arrival = co_await read_body(piece, (piece.free() + 1) / 2);
    const auto paused = SteadyClock::now();
    no_deadline();
    auto take = [&] {
      if (!piece.empty()) response = Dispatcher::write(call, *sink, piece.view());
      if (!response && arrival == Arrival::malformed)
        response = Dispatcher::abandon(call, *sink,
                                       invalid("the chunked coding of the body is malformed"));
      if (arrival == Arrival::broken) Dispatcher::disconnected(call, std::move(sink));
    };
    co_await on_pool(loop_, server_.workers, Hop::always, take);
    body_.window_start += SteadyClock::now() - paused;
    if (arrival == Arrival::broken) co_return false;
    if (arrival == Arrival::malformed) response->close = true;
    ended = response || arrival == Arrival::end;
  }
  auto finish_up = [&] {
    if (!response) {
      const auto* decoder = body_.decoder.get();
      response = Dispatcher::finish(
          call, *sink, decoder != nullptr ? decoder->content_digest() : std::string_view{},
          decoder != nullptr ? decoder->repr_digest() : std::string_view{});
    }
    sink.reset();
  };
  no_deadline();
  co_await on_pool(loop_, server_.workers, Hop::always, finish_up);
  co_return co_await respond(*std::move(response), &call);
}

Task<bool> Connection::say_continue() {
  body_.awaits_continue = false;
  const bool said = co_await write_all("HTTP/1.1 100 Continue\r\n\r\n");
  co_return said;
}

void Connection::begin_body() {
  body_.window_start = SteadyClock::now();
  body_.window_bytes = 0;
}

void Connection::count_body(std::size_t bytes) {
  body_.window_bytes += static_cast<std::int64_t>(bytes);
  if (body_.window_bytes >= kLeastRate * server_.options.request_timeout.count() / 1000)
    begin_body();
}

/// Says to who watches the body that its next byte is waited for.
struct Connection::Waiting {
  explicit Waiting(BodyWatch* body) : watch(body) {
    if (watch != nullptr) watch->waits();
  }
  ~Waiting() {
    if (watch != nullptr) watch->goes_on();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  BodyWatch* watch;
};

/// Appends the body to `out` until it ends, or `enough` is there.
Task<Connection::Arrival> Connection::read_body(ByteBuffer& out, std::size_t enough) {
  for (;;) {
    deadline_ = body_.window_start + server_.options.request_timeout;
    const auto before = out.size();
    if (body_.decoder) {
      in_.consume(body_.decoder->decode(in_.view(), out));
      if (body_.decoder->state() == ChunkDecoder::State::malformed) co_return Arrival::malformed;
      body_.done = body_.decoder->state() == ChunkDecoder::State::done;
    } else {
      const auto taken = out.append(in_.view().substr(0, static_cast<std::size_t>(body_.left)));
      in_.consume(taken);
      body_.left -= static_cast<std::int64_t>(taken);
      body_.done = body_.left == 0;
    }
    count_body(out.size() - before);
    if (body_.done) co_return Arrival::end;
    if (out.size() >= enough || out.free() == 0) co_return Arrival::more;
    const Waiting waiting{watch_.get()};
    if (body_.decoder) {
      const auto got = co_await transport_->read_some(in_.make_room(16 * 1024));
      if (got == 0) co_return Arrival::broken;
      in_.added(got);
    } else {
      // A sized body arrives in place, without a second copy.
      const auto room = out.room();
      const auto got = co_await transport_->read_some(
          room.first(std::min(room.size(), static_cast<std::size_t>(body_.left))));
      if (got == 0) co_return Arrival::broken;
      out.added(got);
      body_.left -= static_cast<std::int64_t>(got);
      count_body(got);
    }
  }
}

bool Connection::can_skip_body() const noexcept {
  if (body_.done) return true;
  return !body_.decoder && !body_.awaits_continue &&
         body_.left <= static_cast<std::int64_t>(kSkippable);
}

Task<bool> Connection::skip_body() {
  if (body_.done) co_return true;
  ByteBuffer dropped{4096};
  begin_body();
  for (;;) {
    dropped.clear();
    const auto arrival = co_await read_body(dropped, 1);
    if (arrival != Arrival::more) co_return arrival == Arrival::end;
  }
}

/// A connection closed while bytes of the client are unread is reset, and the client may lose the
/// answer: so they are read for some seconds.
Task<void> Connection::linger() {
  if (!transport_->socket().is_open()) co_return;
  transport_->end_sending();
  if (!served_ && request_id_.empty()) co_return;
  allow(kLingerTime);
  for (;;) {
    in_.clear();
    const auto got = co_await transport_->read_some(in_.make_room(64 * 1024));
    if (got == 0) co_return;
  }
}

} // namespace baluhost::http
