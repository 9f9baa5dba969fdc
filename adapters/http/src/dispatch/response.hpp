#pragma once

#include "baluhost/core/transfers/download.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/domain/result.hpp"

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
  /// The next piece. Empty: the end; or, of a live source, that there is nothing new yet.
  [[nodiscard]] virtual Result<std::string> next() = 0;
  [[nodiscard]] virtual bool live() const noexcept { return false; }
};

/// A part of a file to be sent. Small parts are read by the handler already.
struct FileContent {
  Download download;
  std::int64_t first{};
  std::int64_t length{};
  std::optional<std::string> bytes;
};

/// An answer before it becomes bytes. Headers that every response has are added when it is sent.
struct Response {
  int status{200};
  std::string content_type; ///< empty: there is no body
  std::string headers;      ///< complete lines
  std::variant<std::string, FileContent, std::unique_ptr<TextSource>> body;
  std::optional<std::int64_t> length; ///< of the body that a HEAD leaves out
  bool from_user{false}; ///< content that users put here: it must never run in a browser
  bool close{false};     ///< the connection ends after it

  /// `value` must hold no control characters.
  Response& add(std::string_view name, std::string_view value) {
    headers.append(name).append(": ").append(value).append("\r\n");
    return *this;
  }
};

/// A refusal that only HTTP knows; everything else is an `Error`.
struct Refusal {
  int status{};
  std::string_view code;
  std::string_view detail; ///< for the client
  std::string headers{};   ///< complete lines
};

/// What takes the body of a request, piece by piece, on worker threads, one at a time. Dropped
/// without `finish`, it undoes or keeps what it has as its kind promises.
class BodySink;

/// What a handler gives: an answer, a failure, or that it wants the body.
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
  /// After the last byte. Trailers have null data where there were none.
  [[nodiscard]] virtual Outcome finish(std::string_view content_digest,
                                       std::string_view repr_digest) = 0;
  /// Lets a newer request see and end the connection, where this kind of sink lets one take its
  /// place.
  virtual void set_connection(std::shared_ptr<ChunkConnection>) {}
  /// The body ends early because of `why`; gives it back, marked if it was recorded.
  [[nodiscard]] virtual Error abandon(Error why) = 0;
};

inline Outcome::Outcome(std::unique_ptr<BodySink> sink) : state_(std::move(sink)) {}
inline Outcome::Outcome(Outcome&&) noexcept = default;
inline Outcome::~Outcome() = default;

Response json_response(int status, std::string json);
Response no_content();

} // namespace baluhost::http
