#pragma once

#include "baluhost/core/archives/archive_stream.hpp"
#include "baluhost/core/transfers/download.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/domain/result.hpp"
#include "fields/digest_fields.hpp"
#include "fields/refusal.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace baluhost::http {

/// Text that is made while it is sent, piece by piece, on a worker thread.
class TextSource {
 public:
  virtual ~TextSource() = default;

  /// `text` ends by itself. `live` follows something and ends with the server. `work` ends by
  /// itself or with the server; what it does between pieces grows with the trail.
  enum class Kind { text, live, work };
  [[nodiscard]] virtual Kind kind() const noexcept { return Kind::text; }
  [[nodiscard]] bool is_live() const noexcept { return kind() == Kind::live; }
  [[nodiscard]] bool is_work() const noexcept { return kind() == Kind::work; }

  /// The next piece. Empty: the end; or, of a live source, that there is nothing new yet.
  [[nodiscard]] virtual Result<std::string> next() = 0;

  /// Of `work` that ended before its end, once, on a worker thread: client_disconnected or
  /// unavailable.
  virtual void abandon(Errc) noexcept {}
};

/// Content of a known length that is made while it is sent, piece by piece, on worker threads.
class ContentSource {
 public:
  virtual ~ContentSource() = default;

  /// The next piece, after the last one was sent; empty where it only worked. An error: the answer
  /// breaks off.
  [[nodiscard]] virtual Result<ArchivePiece> next() = 0;

  /// Once, at the end, however it came: so many bytes of the last piece went.
  virtual void end(std::int64_t sent) noexcept = 0;
};

/// A part of a file to be sent. Small parts are read by the handler already.
struct FileContent {
  Download download;
  std::int64_t first{};
  std::int64_t length{};
  std::optional<std::string> bytes;
  std::optional<Errc> failure{}; ///< of a read, while it was sent
};

/// Who wrote a content: what users put here must never run in a browser.
enum class Author { server, user };

/// An answer before it becomes bytes. Headers that every response has are added when it is sent.
struct Response {
  int status{200};

  /// Empty: there is no body.
  std::string content_type;

  /// Complete lines.
  std::string headers;
  /// A view is of what lives as long as the program.
  std::variant<std::string, std::string_view, FileContent, std::unique_ptr<TextSource>,
               std::unique_ptr<ContentSource>>
      body;

  /// Of the body that a HEAD leaves out, and of a `ContentSource`.
  std::optional<std::int64_t> length;
  Author author{Author::server};

  /// Empty: none may store what the server wrote, and what a user wrote is asked for again.
  std::string_view cache_control;

  /// The connection ends after it.
  bool close{false};

  /// `value` must hold no control characters.
  Response& add(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
    return *this;
  }
};

/// What takes the body of a request, piece by piece, on worker threads, one at a time. Dropped
/// without `finish`, it undoes or keeps what it has as its kind promises.
class BodySink;

/// What a handler returns: an answer, a failure, or that it wants the body.
class Outcome {
 public:
  Outcome(Response response) : state_(std::move(response)) {}
  Outcome(Error error) : state_(std::move(error)) {}
  Outcome(Refusal refusal) : state_(std::move(refusal)) {}
  Outcome(std::unique_ptr<BodySink> sink);
  Outcome(Outcome&&) noexcept;
  ~Outcome();

  std::variant<Response, Error, Refusal, std::unique_ptr<BodySink>>& state() noexcept {
    return state_;
  }

 private:
  std::variant<Response, Error, Refusal, std::unique_ptr<BodySink>> state_;
};

class BodySink {
 public:
  virtual ~BodySink() = default;
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;

  /// After the last byte, with the digests that came after it.
  [[nodiscard]] virtual Outcome finish(const DigestFields& trailers) = 0;

  /// Lets a newer request see and end the connection, where this kind of sink lets one take its
  /// place.
  virtual void set_connection(std::shared_ptr<ChunkConnection>) {}

  /// The body ends early because of `why`; returns it, marked if it was recorded.
  [[nodiscard]] virtual Error abandon(Error why) = 0;
};

inline Outcome::Outcome(std::unique_ptr<BodySink> sink) : state_(std::move(sink)) {}
inline Outcome::Outcome(Outcome&&) noexcept = default;
inline Outcome::~Outcome() = default;

Response json_response(int status, std::string json);
Response no_content();

} // namespace baluhost::http
