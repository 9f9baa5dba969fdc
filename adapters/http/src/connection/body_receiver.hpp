#pragma once

#include "connection/byte_buffer.hpp"
#include "connection/chunk_decoder.hpp"
#include "connection/connection_state.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/response.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace baluhost::http {

/// Takes the bodies of a connection's requests off it, at no less than the least rate. Lives on one
/// loop.
class BodyReceiver {
 public:
  enum class Arrival { more, end, broken, malformed };

  explicit BodyReceiver(ConnectionState& state) : state_(state) {}

  /// Nothing of the body before is left.
  void reset() { body_ = Body{}; }

  /// Begins with the body of the head that was just read. False: it is not as its head says.
  [[nodiscard]] bool begin();

  /// The client holds the body back until `say_continue`.
  [[nodiscard]] bool awaits_continue() const noexcept { return body_.awaits_continue; }

  /// What is left is little enough to be read for the sake of the connection.
  [[nodiscard]] bool can_skip() const noexcept;

  /// False: the connection broke.
  [[nodiscard]] Task<bool> say_continue();

  /// Reads the body into `call`, unless it is too large, which `call` then says. Returns `end`,
  /// `broken` or `malformed`.
  [[nodiscard]] Task<Arrival> read_whole(Call& call);

  /// Hands the body to `sink`, piece by piece. None: the connection broke.
  [[nodiscard]] Task<std::optional<Response>> receive(Call& call, std::unique_ptr<BodySink> sink);

  /// Reads what is left, for nothing. False: the connection is of no more use.
  [[nodiscard]] Task<bool> skip();

 private:
  class Watch;
  struct Watched;
  struct Waiting;

  /// What is left of the present request's body: `left` of a sized one, `decoder` of a chunked one.
  struct Body {
    bool done{true};
    std::int64_t left{0};
    std::unique_ptr<ChunkDecoder> decoder;
    bool awaits_continue{false};
    SteadyClock::time_point window_start{};
    std::int64_t window_bytes{0};
  };

  static std::optional<Response> take(Call& call, std::unique_ptr<BodySink>& sink,
                                      std::string_view piece, Arrival arrival) noexcept;
  Task<Arrival> read(ByteBuffer& out, std::size_t enough);
  [[nodiscard]] bool take_arrived(ByteBuffer& out);
  void begin_window();
  void count(std::size_t bytes);

  ConnectionState& state_;
  Body body_;

  /// While a sink takes the body.
  std::shared_ptr<Watch> watch_;
};

} // namespace baluhost::http
