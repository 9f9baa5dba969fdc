#pragma once

#include "connection/connection_state.hpp"
#include "connection/response_head.hpp"
#include "dispatch/call.hpp"
#include "dispatch/response.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace baluhost::http {

/// Sends the answers of a connection. Lives on one loop.
class ResponseSender {
 public:
  /// How an answer went; the bytes are those of its body.
  struct Sent {
    bool complete{false};
    std::int64_t bytes{0};
  };

  explicit ResponseSender(ConnectionState& state) : state_(state) {}

  /// Sends `response`, which stays until the end, with what it takes from `call`, if any. Says in
  /// the request that the connection ends, where only that shows the end of the body.
  [[nodiscard]] Task<Sent> send(Response& response, const Call* call);

 private:
  Task<Sent> send_text(Response& response, const Call* call);
  Task<Sent> send_view(Response& response, const Call* call);
  Task<Sent> send_file(Response& response, const Call* call);
  Task<Sent> send_source(Response& response, const Call* call);
  Task<Sent> send_content(Response& response, const Call* call);
  Task<Result<ArchivePiece>> next_piece(ContentSource& source);
  Task<Sent> send_out(std::size_t head_size);
  Task<std::int64_t> send_by_sendfile(FileContent& content, int descriptor);
  Task<std::int64_t> send_in_pieces(FileContent& content);
  Task<std::size_t> read_by_worker(FileContent& content, std::int64_t offset, std::span<char> room);
  void note_failure(FileContent& content, const Error& error);
  Task<bool> send_pieces_of(TextSource& source, const Call* call, Sent& sent);
  Task<Result<std::string>> next_piece(TextSource& source, const Call* call);
  Task<bool> wait_for_news(std::uint64_t seen);
  Task<void> finish(FileContent& content, const Sent& sent);
  void begin(const Response& response, const Call* call, Framing framing);

  ConnectionState& state_;
  std::string out_;
};

} // namespace baluhost::http
