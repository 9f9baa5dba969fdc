#include "baluhost/core/transfers/transfer_journal.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/file_figures.hpp"
#include "transfers/transfer_begins.hpp"
#include "transfers/transfer_ends.hpp"
#include "transfers/transfer_group.hpp"
#include "transfers/transfer_ledger.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

// Ends are drained by one thread into commits of up to a thousand, so that a commit's fsync is paid
// once for many downloads. A batch that the database has no answer to is tried again. Its commit
// may have happened although the database could not say so: then the rows of its transfers are
// gone, and what has no row any more is not written twice. An end that the database refuses is set
// apart (`write_ends`).
namespace baluhost {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBatch = 1000;
constexpr milliseconds kLinger{2}; ///< after a commit of several, more are on their way
constexpr milliseconds kFirstPause{10};
constexpr milliseconds kLongestPause{1000};
constexpr milliseconds kLastWords{3000}; ///< for a journal that is being closed

/// What went out, and how long it took; nobody knows of a download that a crash ended.
struct Sent {
  std::int64_t bytes{};
  std::chrono::microseconds duration{};
};

JsonObject details_of(const DownloadStart& start, const std::optional<Sent>& sent) {
  const auto& [event, content, range, archive] = start;
  JsonObject details;
  details.add("file_size", content.size);
  if (sent) {
    details.add("bytes_sent", sent->bytes)
        .add("download_time_ms", in_milliseconds(sent->duration))
        .add("duration_ms", in_milliseconds(sent->duration))
        .add("transfer_rate_mbps", megabits_per_second(sent->bytes, sent->duration));
  }
  details.add("sha256", content.sha256.hex());
  if (range) details.add("range", to_text(*range));
  details.add("complete", sent && event.success);
  if (archive) details.add("archive", archive->value);
  return details;
}

} // namespace

enum class WhenFull {
  wait,
  exceed, ///< by the few who saw at the same time that there was room
};

struct TransferJournal::State {
  Database& database;
  const Clock& clock;
  const DownloadRecording recording;
  const std::size_t capacity;
  TransferLedger ledger;
  TransferBegins begins;

  std::mutex mutex;
  std::condition_variable work; ///< something is queued, or the journal ends
  std::condition_variable room; ///< the queue has room again
  std::condition_variable drained;
  std::deque<EndedTransfer> queue;
  std::uint64_t queued{0};
  std::uint64_t written{0};
  bool stopping{false};
  std::chrono::steady_clock::time_point patient_until; ///< of a journal that is stopping
  bool stopped{false};
  bool gave_up{false};
  std::atomic<bool> healthy{true};
  std::thread thread;

  State(Database& db, const Clock& c, InstanceId id, DownloadRecording r, std::size_t limit)
      : database(db),
        clock(c),
        recording(r),
        capacity(std::max<std::size_t>(limit, 1)),
        ledger(database, clock, std::move(id)),
        begins(ledger) {}

  bool has_room() {
    const std::lock_guard lock(mutex);
    return queue.size() < capacity || stopped;
  }

  void push(EndedTransfer ended, WhenFull when_full) {
    std::unique_lock lock(mutex);
    if (when_full == WhenFull::wait)
      room.wait(lock, [&] { return queue.size() < capacity || stopped; });
    if (stopped) return;
    queue.push_back(std::move(ended));
    ++queued;
    if (queue.size() == 1 || queue.size() >= std::min(kBatch, capacity)) work.notify_one();
  }

  void run() {
    bool busy = false;
    for (;;) {
      auto batch = next_batch(busy);
      if (batch.empty()) break;
      busy = batch.size() > 1;
      const auto size = batch.size();
      const bool kept = write_until_done(std::move(batch));
      const std::lock_guard lock(mutex);
      written += size;
      drained.notify_all();
      gave_up = !kept;
      if (gave_up) break;
    }
    const std::lock_guard lock(mutex);
    stopped = true;
    written = queued;
    drained.notify_all();
    room.notify_all();
  }

  /// Empty at the end only.
  std::vector<EndedTransfer> next_batch(bool busy) {
    std::unique_lock lock(mutex);
    work.wait(lock, [&] { return !queue.empty() || stopping; });
    if (busy)
      work.wait_for(lock, kLinger,
                    [&] { return queue.size() >= std::min(kBatch, capacity) || stopping; });
    const auto count = static_cast<std::ptrdiff_t>(std::min(queue.size(), kBatch));
    std::vector<EndedTransfer> batch(std::make_move_iterator(queue.begin()),
                                     std::make_move_iterator(queue.begin() + count));
    queue.erase(queue.begin(), queue.begin() + count);
    room.notify_all();
    return batch;
  }

  Result<std::int64_t> write(std::vector<EndedTransfer>& batch) {
    const auto turn = ledger.turn();
    return write_ends(database, ledger, batch);
  }

  /// False: given up, since the journal ends and the database does not come back.
  bool write_until_done(std::vector<EndedTransfer> batch) {
    milliseconds pause = kFirstPause;
    while (!write(batch)) {
      healthy = false;
      std::unique_lock lock(mutex);
      const bool was_stopping = stopping;
      if (was_stopping && std::chrono::steady_clock::now() >= patient_until) return false;
      // Only the end of the journal cuts a pause short, and only the first one after it.
      work.wait_for(lock, pause, [&] { return stopping && !was_stopping; });
      pause = std::min(pause * 2, kLongestPause);
    }
    healthy = true;
    return true;
  }
};

/// One download under way.
class TransferJournal::Entry final : public Download::Record {
 public:
  Entry(std::shared_ptr<State> state, std::optional<TransferId> id, DownloadStart start)
      : state_(std::move(state)),
        id_(id),
        start_(std::move(start)),
        started_(state_->clock.monotonic()) {}

  ~Entry() override {
    if (over_) return;
    mark_interrupted(start_.event);
    end(0, WhenFull::wait);
  }

  void finish(std::int64_t bytes_sent, bool complete) noexcept override {
    if (over_) return;
    settle(bytes_sent, complete, WhenFull::wait);
  }

  bool try_finish(std::int64_t bytes_sent, bool complete) noexcept override {
    if (over_) return true;
    if (!state_->has_room()) return false;
    settle(bytes_sent, complete, WhenFull::exceed);
    return true;
  }

  void fail(std::int64_t bytes_sent, Errc why) noexcept override {
    if (over_) return;
    start_.event.success = false;
    start_.event.error_message = code_of(why);
    end(bytes_sent, WhenFull::wait);
  }

 private:
  void settle(std::int64_t bytes_sent, bool complete, WhenFull when_full) noexcept {
    start_.event.success = complete;
    if (!complete) start_.event.error_message = code_of(Errc::client_disconnected);
    end(bytes_sent, when_full);
  }

  void end(std::int64_t bytes_sent, WhenFull when_full) noexcept {
    over_ = true;
    start_.event.timestamp = state_->clock.now();
    const auto duration = state_->clock.monotonic() - started_;
    const auto details = details_of(start_, Sent{bytes_sent, duration});
    state_->push({id_, with_details(std::move(start_.event), details)}, when_full);
  }

  std::shared_ptr<State> state_;
  std::optional<TransferId> id_;
  DownloadStart start_;
  std::chrono::microseconds started_;
  bool over_{false};
};

TransferJournal::TransferJournal(Database& database, const Clock& clock, InstanceId instance,
                                 DownloadRecording recording, std::size_t queue_capacity)
    : state_(std::make_shared<State>(database, clock, std::move(instance), recording,
                                     queue_capacity)) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

TransferJournal::~TransferJournal() { static_cast<void>(close()); }

Result<void> TransferJournal::close() {
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->stopping) state_->patient_until = std::chrono::steady_clock::now() + kLastWords;
    state_->stopping = true;
    state_->work.notify_all();
  }
  if (state_->thread.joinable()) state_->thread.join();
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->gave_up) return state_->ledger.leave();
  }
  return Error{.code = Errc::unavailable, .detail = "downloads that ended could not be recorded"};
}

Result<std::unique_ptr<Download::Record>> TransferJournal::begin(
    NewAuditEvent event, const Content& content, const std::optional<ByteRange>& range) {
  std::vector<DownloadStart> start;
  start.push_back({std::move(event), content, range});
  BALUHOST_TRY(auto records, begin_all(std::move(start)));
  return std::move(records.front());
}

Result<std::vector<std::unique_ptr<Download::Record>>> TransferJournal::begin_all(
    std::vector<DownloadStart> starts) {
  std::vector<std::unique_ptr<Download::Record>> records;
  if (starts.empty()) return records;
  if (!state_->healthy) return Error{Errc::unavailable, "downloads that ended cannot be recorded"};
  BALUHOST_CHECK(state_->database.admit(SpaceUse::reads));
  std::vector<TransferId> ids;
  if (state_->recording == DownloadRecording::before) {
    std::vector<NewAuditEvent> interrupted;
    for (const auto& start : starts) {
      interrupted.push_back(with_details(start.event, details_of(start, std::nullopt)));
      mark_interrupted(interrupted.back());
    }
    BALUHOST_TRY(ids, state_->begins.begin(std::move(interrupted)));
  }
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto id = ids.empty() ? std::nullopt : std::optional{ids[i]};
    records.push_back(std::make_unique<Entry>(state_, id, std::move(starts[i])));
  }
  return records;
}

void TransferJournal::flush() {
  std::unique_lock lock(state_->mutex);
  const auto target = state_->queued;
  state_->work.notify_one();
  state_->drained.wait(lock, [&] { return state_->written >= target; });
}

void TransferJournal::vouch_by(SealSigner& signer) noexcept { state_->ledger.vouch_by(signer); }

Result<void> TransferJournal::put_instance(TransferRepository& transfers,
                                           Timestamp started_at) const {
  return state_->ledger.put_instance(transfers, started_at);
}

Result<void> TransferJournal::renew(Timestamp started_at) {
  return state_->ledger.renew(started_at);
}

bool TransferJournal::healthy() const noexcept { return state_->healthy; }

} // namespace baluhost
