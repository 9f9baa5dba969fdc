#pragma once

#include "connection/body_receiver.hpp"
#include "connection/connection_state.hpp"
#include "connection/response_sender.hpp"
#include "dispatch/dispatcher.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>

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

  [[nodiscard]] SteadyClock::time_point deadline() const noexcept { return state_.link.deadline; }

  /// No request has arrived whole.
  [[nodiscard]] bool idle() const noexcept { return idle_; }

  void cut() noexcept { state_.link.cut(); }

 private:
  Task<bool> read_head();
  Task<bool> receive_head(HeadScan& scan);
  [[nodiscard]] std::optional<Refusal> check_arrived(const HeadScan& scan);

  Task<bool> answer();
  [[nodiscard]] std::optional<Response> answer_without_route(RouteMatch& match);
  [[nodiscard]] std::optional<Response> find_asset(std::string_view root) const;
  [[nodiscard]] std::optional<Response> page_of_broken_path() const;
  [[nodiscard]] Call make_call(RouteMatch match);
  [[nodiscard]] Client client_of_request();
  Task<bool> answer_call(Call& call);
  Task<bool> answer_query(Call& call);
  Task<bool> refuse_malformed(const Call& call);
  Task<std::optional<Response>> admit(Call& call, WorkerPool& pool);
  Task<Dispatcher::Step> handle(Call& call, WorkerPool& pool, Dispatcher::Admission admission);

  Task<bool> respond(Response response, const Call* call = nullptr);
  void account(const Response& response, const Call* call, std::int64_t bytes);
  Task<void> linger();

  ConnectionState state_;
  BodyReceiver body_{state_};
  ResponseSender sender_{state_};
  std::list<Connection*>::iterator place_;
  bool idle_{true};
  bool served_{false};
};

} // namespace baluhost::http
