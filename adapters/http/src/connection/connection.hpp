#pragma once

#include "connection/byte_buffer.hpp"
#include "connection/chunk_decoder.hpp"
#include "connection/head_check.hpp"
#include "connection/transport.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/response.hpp"
#include "server/server_state.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost::http {

/// One connection: its requests one after the other, each phase with its deadline. Lives on one
/// loop.
class Connection {
 public:
  Connection(ServerState& server, IoLoop& loop, const Listener& listener,
             std::unique_ptr<Transport> transport, const IpAddress& peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static Task<void> serve(std::unique_ptr<Connection> connection);

  [[nodiscard]] SteadyClock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] bool idle() const noexcept { return idle_; } ///< no request has arrived whole
  void cut() noexcept {
    if (waiting_ != nullptr) waiting_->cancel();
    sending_ ? transport_->abort() : transport_->cut();
  }

 private:
  /// What is left of the present request's body.
  struct Body {
    bool done{true};
    std::int64_t left{0};                  ///< of a sized one
    std::unique_ptr<ChunkDecoder> decoder; ///< of a chunked one
    bool awaits_continue{false};           ///< the client holds it back until we say so
    SteadyClock::time_point window_start{};
    std::int64_t window_bytes{0};
  };
  /// Between a body's connection and a newer request that may end it.
  class BodyWatch;
  struct Watched;
  struct Waiting;
  enum class Arrival { more, end, broken, malformed };
  struct Sent {
    bool complete{false};
    std::int64_t bytes{0}; ///< of the body
  };

  Task<bool> read_head();
  Task<bool> answer();
  Task<bool> answer_redirect();
  [[nodiscard]] std::string https_origin() const; ///< empty: there is none
  Task<bool> answer_metrics();
  Task<bool> answer_without_route(std::string allowed);
  Task<bool> refuse(HeadFault fault, bool close);
  Task<bool> answer_call(Call& call);
  Task<bool> answer_query(Call& call);
  Task<QueryPlaces::Place> wait_for_place(std::int64_t account, std::chrono::seconds patience);
  Task<Arrival> read_whole_body(Call& call);
  Task<bool> receive(Call& call, std::unique_ptr<BodySink> sink);
  Task<Arrival> read_body(ByteBuffer& out, std::size_t enough);
  Task<bool> skip_body();
  Task<bool> say_continue();

  Task<bool> respond(Response response, Call* call);
  void render_head(const Response& response, const Call* call, std::optional<std::int64_t> length,
                   bool chunked);
  Task<Sent> send_text(std::string_view head_and_body, std::size_t head_size);
  Task<Sent> send_file(FileContent& content);
  Task<std::int64_t> send_in_pieces(const FileContent& content);
  Task<Sent> send_source(TextSource& source, const Call* call);
  Task<bool> wait_for_news(std::uint64_t seen);
  Task<bool> write_all(std::string_view bytes, bool more = false);
  Task<void> finish(FileContent content, Sent sent);
  Task<void> linger();

  void begin_body();
  void count_body(std::size_t bytes);
  void allow(std::chrono::milliseconds time) { deadline_ = SteadyClock::now() + time; }
  void no_deadline() { deadline_ = SteadyClock::time_point::max(); }
  [[nodiscard]] bool can_skip_body() const noexcept;
  void account(const Response& response, const Call* call, std::int64_t bytes);
  [[nodiscard]] Client client_of_request();

  ServerState& server_;
  IoLoop& loop_;
  const Listener& listener_;
  std::unique_ptr<Transport> transport_;
  IpAddress peer_;
  std::string peer_text_;
  bool peer_is_proxy_;
  std::list<Connection*>::iterator place_;

  SteadyClock::time_point deadline_;
  bool idle_{true};
  bool sending_{false};
  Timer* waiting_{nullptr}; ///< for a place
  bool served_{false};
  ByteBuffer in_;
  std::string head_text_;
  RequestHead head_;
  Body body_;
  std::shared_ptr<BodyWatch> watch_; ///< while a sink takes the body
  std::string request_id_;
  std::string_view method_; ///< as it counts
  std::string_view raw_path_;
  SteadyClock::time_point started_;
  std::size_t route_{Metrics::kNoRoute};
  bool keep_{false};
  std::string out_;
};

} // namespace baluhost::http
