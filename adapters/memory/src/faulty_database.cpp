#include "baluhost/memory/faulty_database.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

namespace baluhost {
namespace {

/// How many more of something have to fail.
class Countdown {
 public:
  void set(int count) { left_ = count; }
  /// True for the calls that have to fail.
  bool take() {
    int left = left_;
    while (left > 0 && !left_.compare_exchange_weak(left, left - 1)) {
    }
    return left > 0;
  }

 private:
  std::atomic<int> left_{0};
};

Error fault(const char* what) { return Error{Errc::unavailable, what}; }

class FaultInjector final : public FaultyDatabase {
 public:
  explicit FaultInjector(Database& inner) : inner_(inner) {}

  void fail_reads(int count) override { reads_.set(count); }
  void fail_writes(int count) override { writes_.set(count); }
  void fail_commits(int count) override { commits_.set(count); }
  void lose_answers(int count) override { answers_.set(count); }
  void refuse(std::function<bool(const NewAuditEvent&)> is_refused) override {
    const std::lock_guard lock(mutex_);
    is_refused_ = std::move(is_refused);
  }

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    if (reads_.take()) return fault("a read was made to fail");
    return inner_.read(work);
  }

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    if (writes_.take()) return fault("a write was made to fail");
    return answer(inner_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(auto events, work(tx));
      if (refuses(events)) return Error{Errc::internal, "an event was made to be refused"};
      if (commits_.take()) return fault("a commit was made to fail");
      return events;
    }));
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    if (writes_.take()) return fault("a write was made to fail");
    return answer(inner_.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(work(tx));
      if (commits_.take()) return fault("a commit was made to fail");
      return {};
    }));
  }

  Result<void> admit(SpaceUse use) override { return inner_.admit(use); }
  void on_commit(CommitListener listener) override { inner_.on_commit(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    inner_.tag_events(std::move(tagger));
  }
  Result<DatabaseStatus> status() override { return inner_.status(); }

 private:
  Result<void> answer(Result<void> result) {
    if (result && answers_.take()) return fault("the answer to a commit was made to get lost");
    return result;
  }

  bool refuses(const AuditEvents& events) {
    const std::lock_guard lock(mutex_);
    return is_refused_ && std::ranges::any_of(events.list(), is_refused_);
  }

  Database& inner_;
  std::mutex mutex_;
  std::function<bool(const NewAuditEvent&)> is_refused_;
  Countdown reads_;
  Countdown writes_;
  Countdown commits_;
  Countdown answers_;
};

} // namespace

std::unique_ptr<FaultyDatabase> with_faults(Database& inner) {
  return std::make_unique<FaultInjector>(inner);
}

} // namespace baluhost
