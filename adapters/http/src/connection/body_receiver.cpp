#include "connection/body_receiver.hpp"

#include "runtime/hop.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>

// A body may arrive as slowly as its client likes as long as each window of time brings the least
// rate; the time that the core takes for a piece does not count. A sized body arrives in place,
// without a second copy. What has arrived of a piece that is not full yet, a newer request of the
// same upload may take before it.
namespace baluhost::http {
namespace {

/// Of a body, handed to a sink at once.
constexpr std::size_t kPiece = 256 * 1024;

/// Of an unread body, for the sake of the connection.
constexpr std::size_t kSkippable = 64 * 1024;

/// Bytes a second, on average over a window.
constexpr std::int64_t kLeastRate = 1024;

} // namespace

/// One request's body, as a newer request may look at it, take what arrived of it and end it. What
/// it ends is the loop's.
class BodyReceiver::Watch final : public ChunkConnection,
                                  public std::enable_shared_from_this<Watch> {
 public:
  explicit Watch(ConnectionState& state) : link_(&state.link), loop_(state.loop) {}

  std::chrono::milliseconds silence() const noexcept override {
    const auto since = waits_since_.load(std::memory_order_relaxed);
    if (since == 0) return std::chrono::milliseconds{0};
    const SteadyClock::duration waited =
        SteadyClock::now().time_since_epoch() - SteadyClock::duration{since};
    return std::chrono::duration_cast<std::chrono::milliseconds>(waited);
  }

  void close() noexcept override {
    asio::post(loop_.context, [self = shared_from_this()] {
      if (self->link_ != nullptr) self->link_->cut();
    });
  }

  std::string take_arrived() override {
    const std::lock_guard lock(mutex_);
    std::string bytes{arrived_};
    taken_ += bytes.size();
    arrived_ = {};
    return bytes;
  }

  /// The next byte is waited for, and `piece`, which stays where it is meanwhile, is there.
  void waits(std::string_view piece) {
    {
      const std::lock_guard lock(mutex_);
      arrived_ = piece.substr(taken_);
    }
    waits_since_ = SteadyClock::now().time_since_epoch().count();
  }
  void goes_on() {
    waits_since_ = 0;
    const std::lock_guard lock(mutex_);
    arrived_ = {};
  }
  /// How much of the piece others took; the next one is whole again.
  std::size_t end_of_taken() {
    const std::lock_guard lock(mutex_);
    return std::exchange(taken_, 0);
  }
  void end() noexcept { link_ = nullptr; }

 private:
  std::mutex mutex_; ///< for the two that follow
  std::string_view arrived_;
  std::size_t taken_{0};

  /// 0: it does not wait.
  std::atomic<SteadyClock::rep> waits_since_{0};

  /// None once the body is over.
  Link* link_;
  IoLoop& loop_;
};

/// The watch of a body while it lives.
struct BodyReceiver::Watched {
  Watched(BodyReceiver& watched, BodySink& sink) : receiver(watched) {
    receiver.watch_ = std::make_shared<Watch>(receiver.state_);
    sink.set_connection(receiver.watch_);
  }
  ~Watched() {
    receiver.watch_->end();
    receiver.watch_.reset();
  }
  Watched(const Watched&) = delete;
  Watched& operator=(const Watched&) = delete;
  BodyReceiver& receiver;
};

/// Says to who watches the body that its next byte is waited for, after those of `piece`.
struct BodyReceiver::Waiting {
  Waiting(Watch* body, std::string_view piece) : watch(body) {
    if (watch != nullptr) watch->waits(piece);
  }
  ~Waiting() {
    if (watch != nullptr) watch->goes_on();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  Watch* watch;
};

bool BodyReceiver::begin() {
  const RequestHead& head = state_.request.head;
  if (head.chunked) {
    body_.decoder = std::make_unique<ChunkDecoder>(state_.request.head_text);
    if (body_.decoder->state() == ChunkDecoder::State::malformed) return false;
  }
  body_.left = head.content_length.value_or(0);
  body_.done = !head.has_body();
  body_.awaits_continue = head.expects_continue;
  return true;
}

bool BodyReceiver::can_skip() const noexcept {
  if (body_.done) return true;
  return !body_.decoder && !body_.awaits_continue &&
         body_.left <= static_cast<std::int64_t>(kSkippable);
}

Task<bool> BodyReceiver::say_continue() {
  body_.awaits_continue = false;
  const bool said = co_await state_.link.write_all("HTTP/1.1 100 Continue\r\n\r\n");
  co_return said;
}

Task<BodyReceiver::Arrival> BodyReceiver::read_whole(Call& call) {
  const std::int64_t most = call.route->traits.max_body;
  call.body_too_large = state_.request.head.content_length.value_or(0) > most;
  if (body_.done || call.body_too_large) co_return Arrival::end;
  ByteBuffer bytes{
      static_cast<std::size_t>(std::min(most + 1, body_.decoder ? most + 1 : body_.left))};
  begin_window();
  const auto arrival = co_await read(bytes, bytes.free());
  call.body_too_large = static_cast<std::int64_t>(bytes.size()) > most;
  if (call.route->traits.body != BodyRule::ignored) call.body = bytes.view();
  co_return arrival == Arrival::more ? Arrival::end : arrival;
}

Task<std::optional<Response>> BodyReceiver::receive(Call& call, std::unique_ptr<BodySink> sink) {
  if (body_.awaits_continue) co_await say_continue();
  std::optional<Response> response;
  const Watched watched{*this, *sink};
  ByteBuffer piece{body_.decoder ? kPiece : std::min(kPiece, static_cast<std::size_t>(body_.left))};
  begin_window();
  bool ended = body_.done;
  while (!ended) {
    piece.clear();
    const auto arrival = co_await read(piece, (piece.free() + 1) / 2);
    const auto paused = SteadyClock::now();
    state_.link.no_deadline();
    const auto fresh = piece.view().substr(watch_->end_of_taken());
    auto hand_over = [&] { response = take(call, sink, fresh, arrival); };
    co_await on_pool(state_.loop, state_.server.workers, Hop::always, hand_over);
    body_.window_start += SteadyClock::now() - paused;
    if (arrival == Arrival::broken) co_return std::nullopt;
    ended = response || arrival == Arrival::end;
  }
  auto finish_up = [&] {
    const ChunkDecoder* decoder = body_.decoder.get();
    if (!response)
      response =
          Dispatcher::finish(call, *sink, decoder != nullptr ? decoder->digests() : DigestFields{});
    sink.reset();
  };
  state_.link.no_deadline();
  co_await on_pool(state_.loop, state_.server.workers, Hop::always, finish_up);
  co_return response;
}

/// Hands a piece to `sink`, or that no more comes. None: the body goes on.
std::optional<Response> BodyReceiver::take(Call& call, std::unique_ptr<BodySink>& sink,
                                           std::string_view piece, Arrival arrival) noexcept {
  std::optional<Response> response;
  if (!piece.empty()) response = Dispatcher::write(call, *sink, piece);
  if (arrival == Arrival::broken) {
    Dispatcher::disconnected(call, std::move(sink));
    return response;
  }
  if (arrival != Arrival::malformed) return response;
  if (!response)
    response =
        Dispatcher::abandon(call, *sink, invalid("the chunked coding of the body is malformed"));
  response->close = true;
  return response;
}

Task<bool> BodyReceiver::skip() {
  if (body_.done) co_return true;
  ByteBuffer dropped{4096};
  begin_window();
  for (;;) {
    dropped.clear();
    const auto arrival = co_await read(dropped, 1);
    if (arrival != Arrival::more) co_return arrival == Arrival::end;
  }
}

/// Appends the body to `out` until it ends, or `enough` is there.
Task<BodyReceiver::Arrival> BodyReceiver::read(ByteBuffer& out, std::size_t enough) {
  for (;;) {
    state_.link.deadline = body_.window_start + state_.link.timeout;
    if (!take_arrived(out)) co_return Arrival::malformed;
    if (body_.done) co_return Arrival::end;
    if (out.size() >= enough || out.free() == 0) co_return Arrival::more;
    const Waiting waiting{watch_.get(), out.view()};
    const auto room = body_.decoder ? state_.link.in.make_room(16 * 1024) : out.room();
    const auto most =
        body_.decoder ? room.size() : std::min(room.size(), static_cast<std::size_t>(body_.left));
    const auto got = co_await state_.link.transport->read_some(room.first(most));
    if (got == 0) co_return Arrival::broken;
    if (body_.decoder) {
      state_.link.in.added(got);
    } else {
      out.added(got);
      body_.left -= static_cast<std::int64_t>(got);
      count(got);
    }
  }
}

/// Moves what has arrived of the body to `out`. False: its chunked coding is malformed.
bool BodyReceiver::take_arrived(ByteBuffer& out) {
  ByteBuffer& in = state_.link.in;
  const auto before = out.size();
  if (body_.decoder) {
    in.consume(body_.decoder->decode(in.view(), out));
    if (body_.decoder->state() == ChunkDecoder::State::malformed) return false;
    body_.done = body_.decoder->state() == ChunkDecoder::State::done;
  } else {
    const auto taken = out.append(in.view().substr(0, static_cast<std::size_t>(body_.left)));
    in.consume(taken);
    body_.left -= static_cast<std::int64_t>(taken);
    body_.done = body_.left == 0;
  }
  count(out.size() - before);
  return true;
}

void BodyReceiver::begin_window() {
  body_.window_start = SteadyClock::now();
  body_.window_bytes = 0;
}

void BodyReceiver::count(std::size_t bytes) {
  body_.window_bytes += static_cast<std::int64_t>(bytes);
  if (body_.window_bytes >= kLeastRate * state_.link.timeout.count() / 1000) begin_window();
}

} // namespace baluhost::http
