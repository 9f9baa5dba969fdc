#include "connections/server_probe.hpp"

#include <poll.h>

namespace baluhost::postgres {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// libpq waits for two seconds or longer; who is refused is told sooner.
constexpr milliseconds kRefusal{1500};

} // namespace

bool ServerProbe::is_open() {
  if (connection_ == nullptr) return false;
  pollfd end{PQsocket(connection_.get()), POLLIN | POLLRDHUP, 0};
  // What comes unasked is its end, or a notice.
  if (::poll(&end, 1, 0) != 0 && PQconsumeInput(connection_.get()) == 0) connection_.reset();
  return connection_ != nullptr;
}

bool ServerProbe::open() {
  const auto url = postgres_connection_url(options_);
  if (!url) return true;
  const auto began = Clock::now();
  connection_.reset(PQconnectdb(std::string{url->reveal()}.c_str()));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    connection_.reset();
    return Clock::now() - began < kRefusal;
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  // A pooler lets a connection in before it has a process of the server's for it: only one that
  // answered once can tell anything.
  probe(kRefusal);
  return true;
}

ServerProbe::Answer ServerProbe::probe(milliseconds patience) {
  const Answer given = answer(patience);
  if (given != Answer::came) connection_.reset();
  return given;
}

ServerProbe::Answer ServerProbe::answer(milliseconds patience) {
  PGconn* connection = connection_.get();
  const auto deadline = Clock::now() + patience;
  if (PQsendQuery(connection, "") == 0) return Answer::lost;
  for (;;) {
    while (PQisBusy(connection) == 0) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(connection), PQclear);
      if (!result) return PQstatus(connection) == CONNECTION_OK ? Answer::came : Answer::lost;
    }
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return Answer::none;
    pollfd waiting{PQsocket(connection), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (waiting.revents != 0 && PQconsumeInput(connection) == 0) return Answer::lost;
  }
}

} // namespace baluhost::postgres
