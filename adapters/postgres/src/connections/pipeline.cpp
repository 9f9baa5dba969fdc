#include "connections/pipeline.hpp"

#include <soci/postgresql/soci-postgresql.h>

#include <utility>

namespace baluhost::postgres {
namespace {

/// PostgreSQL's state for a connection that is gone.
constexpr const char* kLost = "08000";

bool is_failure(PGresult* result) {
  const auto status = PQresultStatus(result);
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK &&
         status != PGRES_PIPELINE_ABORTED && status != PGRES_PIPELINE_SYNC;
}

} // namespace

void fail(PGconn* connection, PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message == nullptr) message = PQerrorMessage(connection);
  throw soci::postgresql_soci_error(
      message != nullptr && *message != '\0' ? message : "the server does not answer",
      state != nullptr ? state : kLost);
}

void Pipeline::put_off(const char* sql, std::string* value) { put_off_.push_back({sql, value}); }

bool Pipeline::take_back() {
  if (put_off_.empty()) return false;
  put_off_.pop_back();
  return true;
}

void Pipeline::sent(int code, Answer answer) {
  if (code == 0) fail(connection_, nullptr);
  answers_.push_back(std::move(answer));
  is_leaving_ = false;
}

void Pipeline::send_text(const char* sql, std::string* value) {
  auto& [name, state] = texts_[sql];
  if (!state) {
    name = next_name();
    state = std::make_shared<Preparation>(Preparation::none);
  }
  send_preparation(name, sql, state);
  sent(PQsendQueryPrepared(connection_, name.c_str(), 0, nullptr, nullptr, nullptr, 0),
       {value, nullptr});
}

void Pipeline::send_preparation(const std::string& name, const char* sql,
                                const std::shared_ptr<Preparation>& state) {
  if (*state != Preparation::none) return;
  sent(PQsendPrepare(connection_, name.c_str(), sql, 0, nullptr), {nullptr, state});
  *state = Preparation::sent;
}

void Pipeline::send_put_off() {
  if (PQpipelineStatus(connection_) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_) == 0)
    fail(connection_, nullptr);
  if (std::exchange(owes_commit_, false)) {
    send_text("commit", nullptr);
    is_leaving_ = true;
  }
  if (is_idle()) {
    for (const auto& name : std::exchange(unneeded_, {})) {
      sent(PQsendQueryParams(connection_, ("deallocate " + name).c_str(), 0, nullptr, nullptr,
                             nullptr, nullptr, 0),
           {});
    }
  }
  for (const auto& [sql, value] : std::exchange(put_off_, {})) send_text(sql, value);
}

void Pipeline::prepare(const std::string& name, const std::string& sql,
                       const std::shared_ptr<Preparation>& state) {
  send_put_off();
  send_preparation(name, sql.c_str(), state);
}

void Pipeline::send(const std::string& name, const std::vector<const char*>& values,
                    const std::vector<int>& lengths) {
  send_put_off();
  sent(PQsendQueryPrepared(connection_, name.c_str(), static_cast<int>(values.size()),
                           values.data(), lengths.data(), nullptr, 0),
       {});
}

void Pipeline::synchronise() {
  if (PQpipelineSync(connection_) == 0) fail(connection_, nullptr);
  ++ends_;
}

void Pipeline::leave() {
  put_off_.clear();
  if (!is_idle()) owes_commit_ = true;
}

void Pipeline::settle() {
  if (!owes_commit_) return;
  send_put_off();
  synchronise();
  is_leaving_ = true;
}

void Pipeline::roll_back() {
  put_off_.clear();
  if (is_idle()) return; // perhaps it has not begun
  // After a failure nothing of the same batch is executed.
  if (!answers_.empty()) synchronise();
  send_put_off();
  send_text("rollback", nullptr);
  synchronise();
  is_leaving_ = true;
}

/// Of the answer to the oldest statement that has none.
void Pipeline::note(PGresult* result) {
  if (answers_.empty()) return;
  const Answer answer = std::move(answers_.front());
  answers_.pop_front();
  const auto status = PQresultStatus(result);
  const bool is_done = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (is_done) ++answered_;
  if (answer.preparation) *answer.preparation = is_done ? Preparation::done : Preparation::none;
  if (answer.value != nullptr && is_done && PQntuples(result) > 0)
    *answer.value = PQgetvalue(result, 0, 0);
}

ResultPtr Pipeline::exchange() {
  send_put_off();
  synchronise();
  const auto answered_before = answered_;
  ResultPtr last;
  ResultPtr failure;
  for (bool was_end = false; ends_ > 0;) {
    ResultPtr result(PQgetResult(connection_));
    if (!result) {
      // Once after each answer; and for ever where the connection is gone.
      if (was_end || PQstatus(connection_) != CONNECTION_OK) {
        if (ends_ > 1) answered_ = answered_before;
        fail(connection_, failure.get());
      }
      was_end = true;
      continue;
    }
    was_end = false;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
      if (--ends_ == 0) break;
      // That was a batch that nobody waited for.
      answered_ = answered_before;
      last.reset();
      failure.reset();
      continue;
    }
    note(result.get());
    if (is_failure(result.get())) {
      if (!failure) failure = std::move(result);
    } else {
      last = std::move(result);
    }
  }
  if (failure) fail(connection_, failure.get());
  return last;
}

ResultPtr Pipeline::run(const char* sql) {
  if (owes_commit_ || !put_off_.empty() || !answers_.empty() || ends_ > 0) exchange();
  is_leaving_ = false;
  if (PQpipelineStatus(connection_) != PQ_PIPELINE_OFF && PQexitPipelineMode(connection_) == 0)
    fail(connection_, nullptr);
  ResultPtr result(PQexec(connection_, sql));
  if (is_failure(result.get())) fail(connection_, result.get());
  return result;
}

bool Pipeline::is_idle() const noexcept {
  return is_leaving_ || owes_commit_ || PQtransactionStatus(connection_) == PQTRANS_IDLE;
}

} // namespace baluhost::postgres
