#include "connection/response_sender.hpp"

#include "runtime/hop.hpp"

#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

// How answers leave. Head and small content go in one write. A file goes by sendfile up to a few
// MiB and by reads of 256 KiB beyond that, and always over TLS: measured, that is the faster of the
// two on either side of the limit. What the system has in memory is read where the connection runs;
// reads that would wait for the disk happen on worker threads.
namespace baluhost::http {
namespace {

constexpr std::int64_t kSendfileMost = 8 * 1024 * 1024;
constexpr std::size_t kSendfileStep = 1024 * 1024;

/// Of the reads: they grow while the client takes all at once.
constexpr std::size_t kLeastStep = 64 * 1024;
constexpr std::size_t kReadStep = 256 * 1024;
/// Other connections of the loop have their turn after so much was read without a worker.
constexpr std::int64_t kTurn = 1024 * 1024;

/// Bytes that the system may keep for a client beside those under way.
constexpr int kUnsent = 256 * 1024;
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kPiecePatience{60};

/// Counts an event stream for as long as it runs.
struct Follower {
  explicit Follower(std::atomic<int>* c) : count(c) {
    if (count != nullptr) ++*count;
  }
  ~Follower() {
    if (count != nullptr) --*count;
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;
  std::atomic<int>* count;
};

void append_chunk(std::string& out, std::string_view piece) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, piece.size(), 16).ptr;
  out.append(digits, end).append("\r\n").append(piece).append("\r\n");
}

/// Fills `room` with what the system has in memory. False: a part of it is not there, or the store
/// has no descriptor.
bool read_cached(const BlobReader& reader, std::int64_t offset, std::span<char> room) {
  const auto descriptor = reader.file_descriptor();
  if (!descriptor) return false;
  const iovec all{.iov_base = room.data(), .iov_len = room.size()};
  return ::preadv2(*descriptor, &all, 1, offset, RWF_NOWAIT) == std::ssize(room);
}

/// The next piece; internal where the source throws.
template <class Source>
auto next_of(Source& source) -> decltype(source.next()) {
  try {
    return source.next();
  } catch (const std::exception& exception) {
    return Error{.code = Errc::internal, .detail = exception.what()};
  }
}

} // namespace

Task<ResponseSender::Sent> ResponseSender::send(Response& response, const Call* call) {
  state_.link.allow_step();
  if (std::holds_alternative<std::string>(response.body)) return send_text(response, call);
  if (std::holds_alternative<std::string_view>(response.body)) return send_view(response, call);
  if (std::holds_alternative<FileContent>(response.body)) return send_file(response, call);
  if (std::holds_alternative<std::unique_ptr<ContentSource>>(response.body))
    return send_content(response, call);
  return send_source(response, call);
}

void ResponseSender::begin(const Response& response, const Call* call, Framing framing) {
  const HeadContext context{
      .clock = state_.server.services.clock,
      .cors = state_.server.settings.cors,
      .scheme = state_.link.transport->is_tls() ? Scheme::https : Scheme::http};
  render_head(out_, context, state_.request, response, call, framing);
}

Task<ResponseSender::Sent> ResponseSender::send_text(Response& response, const Call* call) {
  const auto& text = std::get<std::string>(response.body);
  const bool bodiless = response.status == 204 || response.status == 304;
  const auto length = response.length.value_or(static_cast<std::int64_t>(text.size()));
  begin(response, call, {.length = bodiless ? std::nullopt : std::optional{length}});
  const auto head_size = out_.size();
  if (state_.request.head.method != "HEAD") out_ += text;
  return send_out(head_size);
}

/// Sends from where it lies: a client that reads slowly holds no copy.
Task<ResponseSender::Sent> ResponseSender::send_view(Response& response, const Call* call) {
  const auto content = std::get<std::string_view>(response.body);
  begin(response, call, {.length = static_cast<std::int64_t>(content.size())});
  const bool bodiless = state_.request.head.method == "HEAD";
  const bool headed = co_await state_.link.write_all(out_, bodiless ? Flush::now : Flush::later);
  Sent sent;
  if (!headed) co_return sent;
  std::string_view rest = bodiless ? std::string_view{} : content;
  while (!rest.empty()) {
    state_.link.allow_step();
    const auto gone =
        co_await state_.link.transport->write_some(std::span{rest.data(), rest.size()}, Flush::now);
    if (gone == 0) break;
    rest.remove_prefix(gone);
    sent.bytes += static_cast<std::int64_t>(gone);
  }
  sent.complete = rest.empty();
  co_return sent;
}

/// Sends what is rendered.
Task<ResponseSender::Sent> ResponseSender::send_out(std::size_t head_size) {
  std::string_view rest = out_;
  while (!rest.empty()) {
    state_.link.allow_step();
    const auto sent =
        co_await state_.link.transport->write_some(std::span{rest.data(), rest.size()}, Flush::now);
    if (sent == 0) break;
    rest.remove_prefix(sent);
  }
  const auto out = out_.size() - rest.size();
  Sent result;
  result.complete = rest.empty();
  result.bytes = static_cast<std::int64_t>(out > head_size ? out - head_size : 0);
  co_return result;
}

Task<ResponseSender::Sent> ResponseSender::send_file(Response& response, const Call* call) {
  auto& content = std::get<FileContent>(response.body);
  begin(response, call, {.length = content.length});
  Sent sent;
  if (content.bytes) {
    const auto head_size = out_.size();
    out_ += *content.bytes;
    sent = co_await send_out(head_size);
  } else if (co_await state_.link.write_all(out_, Flush::later)) {
    const auto descriptor = content.download.reader()->file_descriptor();
    if (descriptor && !state_.link.transport->is_tls() && content.length <= kSendfileMost)
      sent.bytes = co_await send_by_sendfile(content, *descriptor);
    else
      sent.bytes = co_await send_in_pieces(content);
    sent.complete = sent.bytes == content.length;
  }
  co_await finish(content, sent);
  co_return sent;
}

/// Returns how many bytes went.
Task<std::int64_t> ResponseSender::send_by_sendfile(FileContent& content, int descriptor) {
  auto& socket = state_.link.transport->socket();
  off_t offset = content.first;
  std::int64_t gone = 0;
  while (gone < content.length && socket.is_open()) {
    const auto step = std::min<std::int64_t>(content.length - gone, kSendfileStep);
    const auto out =
        ::sendfile(socket.native_handle(), descriptor, &offset, static_cast<std::size_t>(step));
    if (out > 0) {
      gone += out;
      state_.link.allow_step();
    } else if (out < 0 && errno == EAGAIN) {
      const auto [error] = co_await socket.async_wait(Socket::wait_write, as_result);
      if (error) break;
    } else if (out == 0) {
      note_failure(content, {.detail = "the blob is not as long as its row says"});
      break;
    } else if (errno != EINTR) {
      break;
    }
  }
  co_return gone;
}

/// Returns how many bytes went. While the client takes none, none are held: what it did not take is
/// read again.
Task<std::int64_t> ResponseSender::send_in_pieces(FileContent& content) {
  Transport& transport = *state_.link.transport;
  const int least_unsent = kUnsent;
  ::setsockopt(transport.socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &least_unsent,
               sizeof least_unsent);
  const BlobReader& reader = *content.download.reader();
  ByteBuffer piece;
  std::size_t step = kLeastStep;
  std::int64_t gone = 0;
  std::int64_t last_turn = 0;
  auto last_taken = SteadyClock::now();
  while (gone < content.length) {
    const auto wanted = std::min(step, static_cast<std::size_t>(content.length - gone));
    const auto room = piece.make_room(step).first(wanted);
    const auto offset = content.first + gone;
    if (gone - last_turn < kTurn && read_cached(reader, offset, room)) {
      piece.added(wanted);
    } else {
      last_turn = gone;
      const auto got = co_await read_by_worker(content, offset, room);
      if (got == 0) break;
      piece.added(got);
    }
    const auto sent = transport.write_at_once(piece);
    gone += sent.bytes;
    if (sent.bytes > 0) last_taken = SteadyClock::now();
    if (!sent.is_open) break;
    if (piece.empty()) {
      step = std::min(step * 2, kReadStep);
      continue;
    }
    step = std::max(step - piece.size(), kLeastStep);
    piece = ByteBuffer{};
    state_.link.deadline = last_taken + state_.link.timeout;
    if (!co_await transport.writable()) break;
  }
  co_return gone;
}

Task<std::size_t> ResponseSender::read_by_worker(FileContent& content, std::int64_t offset,
                                                 std::span<char> room) {
  Result<std::size_t> got = std::size_t{0};
  auto read = [&] { got = content.download.reader()->read_at(offset, room); };
  state_.link.no_deadline();
  co_await on_pool(state_.loop, state_.server.workers, Hop::always, read);
  if (!got) note_failure(content, got.error());
  co_return got.value_or(0);
}

/// The client sees the connection break off; the log says why, and so does the event.
void ResponseSender::note_failure(FileContent& content, const Error& error) {
  content.failure = error.code;
  const auto& entry = content.download.info().entry;
  state_.server.services.log.message(
      LogLevel::error,
      "a download of the blob " + entry.content->blob.value + " broke off: " + error.detail);
}

Task<void> ResponseSender::finish(FileContent& content, const Sent& sent) {
  Download& download = content.download;
  if (content.bytes && download.try_finish(sent.bytes, sent.complete)) co_return;
  const auto failure = content.failure;
  // The journal may let us wait, and the last who closes a blob that is deleted frees all its
  // blocks.
  auto end = [&] {
    Download ended{std::move(download)};
    if (failure)
      ended.fail(sent.bytes, *failure);
    else
      ended.finish(sent.bytes, sent.complete);
  };
  state_.link.no_deadline();
  co_await on_pool(state_.loop, state_.server.workers, Hop::always, end);
}

/// One that breaks off has sent less than its head says, and the connection ends.
Task<ResponseSender::Sent> ResponseSender::send_content(Response& response, const Call* call) {
  ContentSource& source = *std::get<std::unique_ptr<ContentSource>>(response.body);
  begin(response, call, {.length = response.length});
  Sent sent;
  std::int64_t of_piece = 0;
  bool open = co_await state_.link.write_all(out_);
  while (open && !sent.complete) {
    const auto piece = co_await next_piece(source);
    if (!piece) break;
    out_ = piece->bytes;
    const auto gone = co_await send_out(0);
    of_piece = gone.bytes;
    sent.bytes += of_piece;
    open = gone.complete;
    sent.complete = open && piece->is_last;
  }
  auto end = [&] { source.end(of_piece); };
  state_.link.no_deadline();
  co_await on_pool(state_.loop, state_.server.workers, Hop::always, end);
  co_return sent;
}

Task<Result<ArchivePiece>> ResponseSender::next_piece(ContentSource& source) {
  Result<ArchivePiece> piece = Error{.code = Errc::unavailable};
  auto make = [&] { piece = next_of(source); };
  state_.link.no_deadline();
  co_await on_pool(state_.loop, state_.server.workers, Hop::always, make);
  if (!piece)
    state_.server.services.log.message(
        LogLevel::error, "an archive broke off: " + std::string{code_of(piece.error().code)});
  co_return piece;
}

Task<ResponseSender::Sent> ResponseSender::send_source(Response& response, const Call* call) {
  TextSource& source = *std::get<std::unique_ptr<TextSource>>(response.body);
  const bool chunked = state_.request.head.minor_version == 1;
  if (!chunked || source.is_live()) state_.request.keep = false;
  begin(response, call, {.chunked = chunked});
  Sent sent;
  if (state_.request.head.method == "HEAD") {
    sent = co_await send_out(out_.size());
    co_return sent;
  }
  const bool headed = co_await state_.link.write_all(out_);
  const bool open = headed && co_await send_pieces_of(source, call, sent);
  if (source.is_work() && !sent.complete) {
    auto end = [&] { source.abandon(open ? Errc::unavailable : Errc::client_disconnected); };
    state_.link.no_deadline();
    co_await on_pool(state_.loop, state_.server.workers, Hop::always, end);
  }
  if (!open) co_return sent;
  // A source that failed ends without the last chunk, so that what came is not taken for the whole;
  // a live one has no whole.
  if (chunked && (sent.complete || source.is_live())) {
    const bool closed = co_await state_.link.write_all("0\r\n\r\n");
    sent.complete = sent.complete && closed;
  }
  co_return sent;
}

/// Sends pieces until the source ends or fails, or it is time to end. False: the connection broke.
Task<bool> ResponseSender::send_pieces_of(TextSource& source, const Call* call, Sent& sent) {
  const bool chunked = state_.request.head.minor_version == 1;
  const Follower follower{source.is_live() ? &state_.server.streams : nullptr};
  auto last_sign = SteadyClock::now();
  for (;;) {
    if (source.is_work() && state_.server.draining.load()) co_return true;
    const auto news = state_.server.news.load();
    auto piece = co_await next_piece(source, call);
    if (!piece) co_return true;
    if (piece->empty() && !source.is_live()) {
      sent.complete = true;
      co_return true;
    }
    if (piece->empty()) {
      if (SteadyClock::now() - last_sign < kHeartbeat) {
        const bool goes_on = co_await wait_for_news(news);
        if (!goes_on) co_return true;
        continue;
      }
      piece = std::string{": still here\n\n"};
    }
    out_.clear();
    if (chunked)
      append_chunk(out_, *piece);
    else
      out_ += *piece;
    const bool out = co_await state_.link.write_all(out_);
    if (!out) co_return false;
    sent.bytes += static_cast<std::int64_t>(piece->size());
    last_sign = SteadyClock::now();
  }
}

/// A piece of what grows with the trail takes a place while it is made, and none while the client
/// reads. unavailable: it got no place.
Task<Result<std::string>> ResponseSender::next_piece(TextSource& source, const Call* call) {
  Result<std::string> piece = Error{.code = Errc::unavailable};
  auto make = [&] { piece = next_of(source); };
  state_.link.no_deadline();
  if (call != nullptr && (call->route->traits.pool == PoolChoice::query || source.is_work())) {
    const auto place = co_await wait_for_place(state_.server, state_.loop, state_.link.waiting,
                                               call->account(), kPiecePatience);
    if (!place) co_return piece;
    co_await on_pool(state_.loop, state_.server.queries, Hop::always, make);
  } else {
    co_await on_pool(state_.loop, state_.server.workers, Hop::always, make);
  }
  if (!piece && !source.is_live())
    state_.server.services.log.message(
        LogLevel::error, "an answer broke off: " + std::string{code_of(piece.error().code)});
  co_return piece;
}

/// Sleeps until something was committed, a second at most. False: it is time to end.
Task<bool> ResponseSender::wait_for_news(std::uint64_t seen) {
  const auto goes_on = [this] {
    return !state_.server.draining.load() && state_.link.transport->socket().is_open();
  };
  if (!goes_on()) co_return false;
  if (state_.server.news.load() != seen) co_return true;
  Timer timer{state_.loop.context};
  timer.expires_after(std::chrono::seconds{1});
  const auto place = state_.loop.sleepers.insert(state_.loop.sleepers.end(), &timer);
  (void)co_await timer.async_wait(as_result);
  state_.loop.sleepers.erase(place);
  co_return goes_on();
}

} // namespace baluhost::http
