#include "connection/connection.hpp"
#include "dispatch/problem.hpp"
#include "dispatch/security_headers.hpp"
#include "fields/http_names.hpp"
#include "server/hop.hpp"

#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

// How answers leave. Head and small content go in one write. A file goes by sendfile up to a few
// MiB and by reads of 256 KiB beyond that, and always over TLS: measured, that is the faster of the
// two on either side of the limit. Reads happen on worker threads, waiting on none.
namespace baluhost::http {
namespace {

constexpr std::int64_t kSendfileMost = 8 * 1024 * 1024;
constexpr std::size_t kSendfileStep = 1024 * 1024;
constexpr std::size_t kLeastStep =
    64 * 1024; ///< of the reads: they grow while the client takes all at once
constexpr std::size_t kReadStep = 256 * 1024;
constexpr int kUnsent =
    256 * 1024; ///< bytes that the system may keep for a client beside those under way
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kPiecePatience{60};

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

/// The Date of this second (RFC 9110 section 6.6.1), made once a second and thread.
const std::string& http_date(const Clock& clock) {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  const Timestamp now = clock.now();
  if (now.seconds() != second) {
    second = now.seconds();
    text = now.to_http_date();
  }
  return text;
}

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

} // namespace

Task<bool> Connection::respond(Response response, Call* call) {
  const bool skip = can_skip_body();
  if (!skip || response.close || server_.draining.load(std::memory_order_relaxed)) keep_ = false;
  const bool head_only = head_.method == "HEAD";
  allow(server_.options.request_timeout);
  sending_ = true;
  Sent sent;
  if (auto* text = std::get_if<std::string>(&response.body)) {
    const bool bodiless = response.status == 204 || response.status == 304;
    const auto length = response.length.value_or(static_cast<std::int64_t>(text->size()));
    render_head(response, call, bodiless ? std::nullopt : std::optional{length}, false);
    const auto head_size = out_.size();
    if (!head_only) out_ += *text;
    sent = co_await send_text(out_, head_size);
  } else if (auto* file = std::get_if<FileContent>(&response.body)) {
    render_head(response, call, file->length, false);
    sent = co_await send_file(*file);
    co_await finish(std::move(*file), sent);
  } else {
    auto& source = std::get<std::unique_ptr<TextSource>>(response.body);
    const bool chunked = head_.minor_version == 1;
    if (!chunked || source->live()) keep_ = false;
    render_head(response, call, std::nullopt, chunked);
    if (head_only)
      sent = co_await send_text(out_, out_.size());
    else
      sent = co_await send_source(*source, call);
  }
  sending_ = false;
  account(response, call, sent.bytes);
  if (!sent.complete || !keep_) co_return false;
  co_return co_await skip_body();
}

void Connection::render_head(const Response& response, const Call* call,
                             std::optional<std::int64_t> length, bool chunked) {
  out_.clear();
  out_ += "HTTP/1.1 ";
  append_number(out_, response.status);
  out_.append(" ")
      .append(reason_phrase(response.status))
      .append("\r\nDate: ")
      .append(http_date(server_.services.clock))
      .append("\r\n");
  out_ += security_headers(response.from_user, transport_->is_tls());
  out_.append("X-Request-Id: ").append(request_id_).append("\r\n");
  if (!response.content_type.empty())
    out_.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (length) {
    out_ += "Content-Length: ";
    append_number(out_, *length);
    out_ += "\r\n";
  }
  if (chunked) out_ += "Transfer-Encoding: chunked\r\n";
  if (!keep_)
    out_ += "Connection: close\r\n";
  else if (head_.minor_version == 0)
    out_ += "Connection: keep-alive\r\n";
  server_.settings.cors.add_headers(out_, head_.field("origin"));
  if (call != nullptr && call->route->traits.tus) out_ += "Tus-Resumable: 1.0.0\r\n";
  out_.append(response.headers).append("\r\n");
}

Task<bool> Connection::write_all(std::string_view bytes, bool more) {
  while (!bytes.empty()) {
    allow(server_.options.request_timeout);
    const auto sent = co_await transport_->write_some(std::span{bytes.data(), bytes.size()}, more);
    if (sent == 0) co_return false;
    bytes.remove_prefix(sent);
  }
  co_return true;
}

Task<Connection::Sent> Connection::send_text(std::string_view head_and_body,
                                             std::size_t head_size) {
  auto rest = head_and_body;
  while (!rest.empty()) {
    allow(server_.options.request_timeout);
    const auto sent = co_await transport_->write_some(std::span{rest.data(), rest.size()}, false);
    if (sent == 0) break;
    rest.remove_prefix(sent);
  }
  const auto out = head_and_body.size() - rest.size();
  Sent result;
  result.complete = rest.empty();
  result.bytes = static_cast<std::int64_t>(out > head_size ? out - head_size : 0);
  co_return result;
}

Task<Connection::Sent> Connection::send_file(FileContent& content) {
  Sent sent;
  if (content.bytes) {
    const auto head_size = out_.size();
    out_ += *content.bytes;
    sent = co_await send_text(out_, head_size);
    co_return sent;
  }
  const bool headed = co_await write_all(out_, true);
  if (!headed) co_return sent;
  const BlobReader& reader = *content.download.reader();
  const auto descriptor = reader.file_descriptor();
  auto& socket = transport_->socket();
  if (descriptor && !transport_->is_tls() && content.length <= kSendfileMost) {
    off_t offset = content.first;
    while (sent.bytes < content.length && socket.is_open()) {
      const auto step = std::min<std::int64_t>(content.length - sent.bytes, kSendfileStep);
      const auto out =
          ::sendfile(socket.native_handle(), *descriptor, &offset, static_cast<std::size_t>(step));
      if (out > 0) {
        sent.bytes += out;
        allow(server_.options.request_timeout);
      } else if (out < 0 && errno == EAGAIN) {
        const auto [error] = co_await socket.async_wait(Socket::wait_write, as_result);
        if (error) break;
      } else if (out == 0 || errno != EINTR) {
        break;
      }
    }
  } else {
    sent.bytes = co_await send_in_pieces(content);
  }
  sent.complete = sent.bytes == content.length;
  co_return sent;
}

/// Gives how many bytes went. While the client takes none, none are held: what it did not take is
/// read again.
Task<std::int64_t> Connection::send_in_pieces(const FileContent& content) {
  const int least_unsent = kUnsent;
  ::setsockopt(transport_->socket().native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &least_unsent,
               sizeof least_unsent);
  const BlobReader& reader = *content.download.reader();
  ByteBuffer piece;
  std::size_t step = kLeastStep;
  std::int64_t gone = 0;
  auto last_taken = SteadyClock::now();
  while (gone < content.length) {
    auto read = [&] {
      const auto room = piece.make_room(step);
      const auto wanted =
          std::min<std::size_t>(step, static_cast<std::size_t>(content.length - gone));
      piece.added(reader.read_at(content.first + gone, room.first(wanted)).value_or(0));
    };
    no_deadline();
    co_await on_pool(loop_, server_.workers, Hop::always, read);
    if (piece.empty()) break;
    std::optional<std::size_t> taken;
    while (!piece.empty() &&
           (taken = transport_->try_write(std::span{piece.view().data(), piece.size()}, false))
                   .value_or(0) > 0) {
      piece.consume(*taken);
      gone += static_cast<std::int64_t>(*taken);
      last_taken = SteadyClock::now();
    }
    if (!taken) break;
    if (*taken > 0) {
      step = std::min(step * 2, kReadStep);
      continue;
    }
    step = std::max(step - piece.size(), kLeastStep);
    piece = ByteBuffer{};
    deadline_ = last_taken + server_.options.request_timeout;
    if (!co_await transport_->writable()) break;
  }
  co_return gone;
}

Task<void> Connection::finish(FileContent content, Sent sent) {
  Download& download = content.download;
  if (content.bytes && download.try_finish(sent.bytes, sent.complete)) co_return;
  // The journal may let us wait, and the last who closes a blob that is deleted frees all its
  // blocks.
  auto end = [&] { Download{std::move(download)}.finish(sent.bytes, sent.complete); };
  no_deadline();
  co_await on_pool(loop_, server_.workers, Hop::always, end);
}

/// A piece of what grows with the trail takes a place while it is made, and none while the client
/// reads.
Task<Connection::Sent> Connection::send_source(TextSource& source, const Call* call) {
  const bool chunked = head_.minor_version == 1;
  Sent sent;
  bool broken = !co_await write_all(out_);
  auto last_sign = SteadyClock::now();
  const Follower follower{source.live() ? &server_.streams : nullptr};
  const bool is_query = call != nullptr && call->route->traits.pool == PoolChoice::query;
  while (!broken) {
    const auto news = server_.news.load();
    Result<std::string> piece = std::string{};
    auto make = [&] {
      try {
        piece = source.next();
      } catch (const std::exception& exception) {
        piece = Error{.code = Errc::internal, .detail = exception.what()};
      }
    };
    no_deadline();
    if (is_query) {
      const auto place = co_await wait_for_place(call->account(), kPiecePatience);
      if (!place) break;
      co_await on_pool(loop_, server_.queries, Hop::always, make);
    } else {
      co_await on_pool(loop_, server_.workers, Hop::always, make);
    }
    if (!piece) {
      if (!source.live())
        server_.services.log.message(
            LogLevel::error, "an answer broke off: " + std::string{code_of(piece.error().code)});
      break;
    }
    if (piece->empty() && !source.live()) {
      sent.complete = true;
      break;
    }
    if (piece->empty()) {
      if (SteadyClock::now() - last_sign < kHeartbeat) {
        const bool goes_on = co_await wait_for_news(news);
        if (!goes_on) break;
        continue;
      }
      piece = std::string{": still here\n\n"};
    }
    out_.clear();
    if (chunked)
      append_chunk(out_, *piece);
    else
      out_ += *piece;
    broken = !co_await write_all(out_);
    if (!broken) sent.bytes += static_cast<std::int64_t>(piece->size());
    last_sign = SteadyClock::now();
  }
  if (broken) co_return sent;
  // A source that failed ends without the last chunk, so that nobody takes what came for the whole;
  // a live one has no whole.
  if (chunked && (sent.complete || source.live())) {
    const bool closed = co_await write_all("0\r\n\r\n");
    sent.complete = sent.complete && closed;
  }
  co_return sent;
}

/// Sleeps until something was committed, a second at most. False: it is time to end.
Task<bool> Connection::wait_for_news(std::uint64_t seen) {
  if (server_.draining.load() || !transport_->socket().is_open()) co_return false;
  if (server_.news.load() != seen) co_return true;
  Timer timer{loop_.context};
  timer.expires_after(std::chrono::seconds{1});
  const auto place = loop_.sleepers.insert(loop_.sleepers.end(), &timer);
  (void)co_await timer.async_wait(as_result);
  loop_.sleepers.erase(place);
  co_return !server_.draining.load() && transport_->socket().is_open();
}

void Connection::account(const Response& response, const Call* call, std::int64_t bytes) {
  if (listener_.kind == Listener::Kind::metrics) return;
  const auto time =
      std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - started_);
  server_.services.metrics.on_request(method_, route_, response.status, time.count());
  AccessEntry entry;
  entry.client = call != nullptr && call->client.ip_address
                     ? std::string_view{*call->client.ip_address}
                     : std::string_view{peer_text_};
  if (call != nullptr && call->caller) entry.user = call->caller->name();
  entry.method = method_;
  entry.path = raw_path_;
  entry.status = response.status;
  entry.bytes = bytes;
  entry.duration = time;
  entry.request_id = request_id_;
  server_.services.log.access(entry);
}

} // namespace baluhost::http
