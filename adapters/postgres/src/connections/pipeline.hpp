#pragma once

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

/// Of a statement of the server's.
enum class Preparation { none, sent, done };

/// Statements on their way to the server and the answers that are on their way back, in libpq's
/// pipeline mode (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html): what is put off
/// travels with what is asked next, and an answer that nobody waits for is read before the next.
/// For one thread at a time. Throws soci::postgresql_soci_error.
class Pipeline {
 public:
  /// Of a connection with no statement under way.
  explicit Pipeline(PGconn* connection) : connection_(connection) {}
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  /// For a statement: no other of this connection has it, nor one of another.
  std::string next_name() { return "b" + std::to_string(++last_name_); }

  /// Puts `sql` off, a literal without values; the first value of its answer goes to `value`, if
  /// there is one.
  void put_off(const char* sql, std::string* value = nullptr);

  /// Forgets what was put off last; false if it was sent.
  bool take_back();

  /// Sends a statement to prepare, unless that was sent before; `state` says how far it is.
  void prepare(const std::string& name, const std::string& sql,
               const std::shared_ptr<Preparation>& state);

  /// Sends one that is prepared, or about to be. A null pointer is NULL.
  void send(const std::string& name, const std::vector<const char*>& values,
            const std::vector<int>& lengths);

  /// Between two transactions, some time.
  void deallocate(std::string name) { unneeded_.push_back(std::move(name)); }

  /// Sends what was put off, waits for all that is under way, and returns the last answer. Throws
  /// the first failure since the exchange before; what came after it was not executed.
  ResultPtr exchange();

  /// The transaction, which only read, is committed with what is sent next, or by `settle`.
  void leave();

  /// Commits what was left, and waits for nothing.
  void settle();

  /// Rolls back, if anything was sent, and waits for nothing.
  void roll_back();

  /// Executes what may be several statements, unprepared, and returns the last answer.
  ResultPtr run(const char* sql);

  /// Whether the connection is between two transactions, or on its way there.
  [[nodiscard]] bool is_idle() const noexcept;

  /// How many statements succeeded so far.
  [[nodiscard]] std::size_t answered() const noexcept { return answered_; }

 private:
  struct Answer {
    std::string* value{};
    std::shared_ptr<Preparation> preparation;
  };
  struct PutOff {
    const char* sql{};
    std::string* value{};
  };
  struct Prepared {
    std::string name;
    std::shared_ptr<Preparation> state;
  };

  void send_put_off();
  void send_text(const char* sql, std::string* value);
  void send_preparation(const std::string& name, const char* sql,
                        const std::shared_ptr<Preparation>& state);
  void sent(int code, Answer answer);
  void synchronise();
  void note(PGresult* result);

  PGconn* connection_;
  /// Where a pooler lends one process of the server's to several connections after all, a name of
  /// one must not be another's: what is executed would be mixed up, and without an error.
  std::uint64_t last_name_{std::uint64_t{std::random_device{}()} << 24};
  std::vector<PutOff> put_off_;
  std::vector<std::string> unneeded_;
  std::map<const char*, Prepared> texts_; ///< that were put off before
  std::deque<Answer> answers_;            ///< of statements that were sent
  std::size_t ends_{0};                   ///< of batches whose answers were not read to their end
  std::size_t answered_{0};
  bool is_leaving_{false};  ///< what was sent last ends a transaction
  bool owes_commit_{false}; ///< to the transaction that was left
};

/// Throws `result`, or the loss of `connection` where it says nothing.
[[noreturn]] void fail(PGconn* connection, PGresult* result);

} // namespace baluhost::postgres
