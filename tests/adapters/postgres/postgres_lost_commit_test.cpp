#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "postgres/own_database.hpp"
#include "sql/sql_fixture.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace baluhost::test {
namespace {

enum class Loss {
  none,
  answer,  ///< the server commits, and the answer is gone
  commit,  ///< the commit never reaches the server, which keeps its connection
  for_good ///< as `answer`, and nobody gets through any more
};

/// A write of one event sends its statements together, and then the commit.
constexpr int kCommit = 2;

/// A line to the server's socket that loses what it is told to, once.
class LossyLine {
 public:
  LossyLine(const std::string& server, const std::string& directory)
      : server_(server + kName), listener_(socket()) {
    const auto address = address_of(directory + kName);
    const auto* const bound = reinterpret_cast<const sockaddr*>(&address);
    if (::bind(listener_, bound, sizeof address) != 0 || ::listen(listener_, 16) != 0)
      throw std::runtime_error("cannot listen");
    threads_.emplace_back([this] { serve(); });
  }
  LossyLine(const LossyLine&) = delete;
  LossyLine& operator=(const LossyLine&) = delete;
  ~LossyLine() {
    stopping_ = true;
    for (std::size_t i = 0; i < threads_.size(); ++i) threads_[i].join();
    ::close(listener_);
    for (const int kept : kept_) ::close(kept);
  }

  /// Of the next write.
  void lose(Loss loss) {
    messages_ = 0;
    loss_ = loss;
  }

 private:
  static constexpr const char* kName = "/.s.PGSQL.5432";

  static int socket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }
  static sockaddr_un address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
  }

  void serve() {
    while (!stopping_) {
      pollfd waiting{listener_, POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      if (is_cut_) {
        ::close(client);
        continue;
      }
      threads_.emplace_back([this, client] { carry(client); });
    }
  }

  void carry(int client) {
    const int server = socket();
    const auto address = address_of(server_);
    const bool is_open =
        ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    Loss lost = Loss::none;
    while (is_open && !stopping_) {
      std::array<pollfd, 2> waiting{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
      if (::poll(waiting.data(), waiting.size(), 20) <= 0) continue;
      if (waiting[0].revents != 0) {
        const auto said = read(client);
        if (said.empty()) break;
        if (loss_ != Loss::none && ++messages_ == kCommit) lost = loss_.exchange(Loss::none);
        if (lost == Loss::commit) break;
        write(server, said);
      }
      if (waiting[1].revents != 0) {
        const auto said = read(server);
        if (said.empty() || lost != Loss::none) break;
        write(client, said);
      }
    }
    if (lost == Loss::for_good) is_cut_ = true;
    ::close(client);
    if (lost != Loss::commit) {
      ::close(server);
    } else {
      kept_.push_back(server);
    }
  }

  static std::string read(int from) {
    std::string bytes(65536, '\0');
    const auto count = ::recv(from, bytes.data(), bytes.size(), 0);
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
  }
  static void write(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  const std::string server_;
  const int listener_;
  std::atomic<Loss> loss_{Loss::none};
  std::atomic<int> messages_{0};
  std::atomic<bool> is_cut_{false};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
  std::vector<int> kept_; ///< by the one thread that lost a commit
};

} // namespace

TEST_CASE("what became of a commit on PostgreSQL is asked where its answer is lost",
          "[spec-57][fault-08]") {
  PostgresCluster* const cluster = shared_cluster();
  if (cluster == nullptr) return;
  const std::string name = cluster->make_database();
  const TemporaryDirectory directory;
  LossyLine line(cluster->directory(), directory.path().string());
  PostgresOptions options;
  options.url = "postgresql:///" + name + "?user=postgres&host=" + directory.path().string();
  options.pool_size = 1;
  const auto database = value(make_postgres_database(options));
  const ManualClock clock;
  AuditLog log(*database, clock);
  int told = 0;
  database->on_commit([&](std::span<const AuditEvent> events) { told += int(events.size()); });
  value(record(*database, event_at(1)));

  SECTION("and it is done where the server committed") {
    line.lose(Loss::answer);
    value(record(*database, event_at(2)));
    CHECK(trail(*database).size() == 2);
    CHECK(told == 2);
  }

  SECTION("and it is not done where the server did not hear of it") {
    line.lose(Loss::commit);
    const auto lost = record(*database, event_at(2));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::unavailable);
    CHECK_FALSE(lost.error().in_doubt);
    CHECK(trail(*database).size() == 1);
    CHECK(told == 1);
    // Its connection is not one that commits later.
    CHECK(cluster->execute(name,
                           "select count(*) from pg_stat_activity where datname = "
                           "current_database() and backend_xid is not null") == "0");
    value(record(*database, event_at(3)));
  }

  SECTION("and is in doubt, in the answer and on record, where nobody can tell") {
    line.lose(Loss::for_good);
    const auto lost = record(*database, event_at(2));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().code == Errc::unavailable);
    CHECK(lost.error().in_doubt);
    CHECK(cluster->execute(name, "select count(*) from audit_logs") == "2");
  }
}

} // namespace baluhost::test
