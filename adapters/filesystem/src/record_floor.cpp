#include "baluhost/filesystem/record_floor.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

// What a write is for is known when its work has run, and decided on the database's own thread: so
// the question to the file system is asked before, by the caller, and its answer is good for some
// time, but only a good answer is. What frees space is not asked anything: it is tried, and where
// the disk is full a piece of the reserve goes and it is tried again. Pieces go only then, so what
// others write to the same disk meanwhile finds them last.
namespace baluhost {
namespace {

using std::chrono::microseconds;

constexpr microseconds kAnswerLife = std::chrono::milliseconds{100};
constexpr microseconds kRemoteHoldsFor = std::chrono::seconds{1};
constexpr std::int64_t kMostFloor = std::int64_t{64} << 20;
/// A file system that has less left is full, whatever it was that could not be done.
constexpr std::int64_t kNothing = std::int64_t{64} << 10;
constexpr int kSignInsPerMinute = 60;
constexpr std::size_t kMostSignedIn = 10'000;

enum class Room { plenty, low, last };
enum class Refused {
  here,
  may_use,
  may_not_use
}; ///< by us, or by the database to who may, may not use the reserve

Error no_room(const char* detail) { return Error{Errc::insufficient_storage, detail}; }

/// Counts in windows of a minute, while space is short.
class SignIns {
 public:
  bool admit(const std::string& user, microseconds now) {
    const std::lock_guard lock(mutex_);
    if (now - began_ >= std::chrono::minutes{1}) {
      began_ = now;
      counts_.clear();
    }
    if (counts_.size() >= kMostSignedIn && !counts_.contains(user)) return false;
    return ++counts_[user] <= kSignInsPerMinute;
  }

 private:
  std::mutex mutex_;
  microseconds began_{std::numeric_limits<microseconds::rep>::min() / 2};
  std::unordered_map<std::string, int> counts_;
};

class ReservedAnchor final : public AnchorLog {
 public:
  ReservedAnchor(std::unique_ptr<AnchorLog> inner, std::shared_ptr<SpaceReserve> reserve)
      : inner_(std::move(inner)), reserve_(std::move(reserve)) {}

  Result<void> append(const Anchor& anchor) override {
    auto done = inner_->append(anchor);
    if (done) return done;
    const auto space = reserve_->space();
    if (!space || space->free_bytes >= kNothing || !reserve_->release()) return done;
    return inner_->append(anchor);
  }
  Result<std::optional<Anchor>> newest() const override { return inner_->newest(); }

 private:
  const std::unique_ptr<AnchorLog> inner_;
  const std::shared_ptr<SpaceReserve> reserve_;
};

class FlooredDatabase final : public RecordFloor {
 public:
  FlooredDatabase(std::unique_ptr<Database> inner, RecordFloorOptions options, const Clock& clock)
      : inner_(std::move(inner)), options_(std::move(options)), clock_(clock) {}

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    return inner_->read(work);
  }

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return write_by(&Database::write, work);
  }

  Result<void> write_aside(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return write_by(&Database::write_aside, work);
  }

  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    return with_reserve([&] { return inner_->bookkeep(work); }, [] { return Refused::may_use; });
  }

  Result<void> admit(SpaceUse use) override {
    BALUHOST_CHECK(inner_->admit(use));
    return decide(use, look());
  }

  void on_commit(CommitListener listener) override { inner_->on_commit(std::move(listener)); }
  void tag_events(std::shared_ptr<EventTagger> tagger) override {
    inner_->tag_events(std::move(tagger));
  }
  Result<DatabaseStatus> status() override { return inner_->status(); }

  Result<void> keep_reserve() override {
    if (!options_.reserve) return {};
    BALUHOST_TRY(const auto space, options_.reserve->space());
    return options_.reserve->keep(floor(space));
  }

 private:
  using WayToWrite =
      Result<void> (Database::*)(FunctionRef<Result<AuditEvents>(WriteTransaction&)>);

  Result<void> write_by(WayToWrite way, FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) {
    const auto room = look();
    std::optional<SpaceUse> use;         ///< none: the work did not get to its end
    std::optional<Result<void>> sign_in; ///< counted once, however often the work runs
    bool refused = false;
    const auto admit = [&](const AuditEvents& events) -> Result<void> {
      use = space_use(events);
      if (*use != SpaceUse::signs_in || room == Room::plenty) return decide(*use, room);
      if (!sign_in) sign_in = may_sign_in(events);
      return *sign_in;
    };
    return with_reserve(
        [&] {
          return (inner_.get()->*way)([&](WriteTransaction& tx) -> Result<AuditEvents> {
            use.reset();
            BALUHOST_TRY(auto events, work(tx));
            auto admitted = admit(events);
            refused = !admitted;
            BALUHOST_CHECK(std::move(admitted));
            return events;
          });
        },
        [&] {
          if (refused) return Refused::here;
          return use == SpaceUse::grows ? Refused::may_not_use : Refused::may_use;
        });
  }

  [[nodiscard]] std::int64_t floor(const StorageSpace& space) const {
    return std::min({options_.min_free_bytes, kMostFloor, space.total_bytes / 16});
  }

  /// Looks no more often than it must, and the database only where its file system alone has too
  /// little.
  Room look() {
    const auto now = clock_.monotonic();
    if (now.count() < good_until_.load(std::memory_order_relaxed)) return Room::plenty;
    if (!options_.reserve)
      return now.count() < full_until_.load(std::memory_order_relaxed) ? Room::low : Room::plenty;
    const auto space = options_.reserve->space();
    if (!space) return Room::plenty; // the database itself will say what is wrong
    const auto target = SpaceReserve::target(*space);
    // What a piece of the reserve has set free is not there for what grows.
    const auto enough = target + std::max(floor(*space), target / SpaceReserve::kPieces);
    auto free = space->free_bytes + options_.reserve->held();
    if (free < enough) {
      if (const auto status = inner_->status()) free += status->reusable_bytes;
    }
    if (free < enough) return free < target / 2 ? Room::last : Room::low;
    good_until_ = (now + kAnswerLife).count();
    return Room::plenty;
  }

  static Result<void> decide(SpaceUse use, Room room) {
    if (room == Room::plenty || use == SpaceUse::signs_in || use == SpaceUse::frees) return {};
    if (use == SpaceUse::reads && room == Room::low) return {};
    return no_room("what is left of the space is kept for what frees space");
  }

  Result<void> may_sign_in(const AuditEvents& events) {
    const auto& user = events.list().front().user;
    if (!user || sign_ins_.admit(*user, clock_.monotonic())) return {};
    return no_room("space is short, and this user signed in often within a minute");
  }

  /// Tries again, first as it is, for the database may have made room of its own, then with one
  /// piece of the reserve after the other.
  template <class Attempt, class WhoRefused>
  Result<void> with_reserve(Attempt attempt, WhoRefused who_refused) {
    auto done = attempt();
    for (int again = 0; !done && again < SpaceReserve::kPieces + 2; ++again) {
      const auto refused = who_refused();
      if (refused == Refused::here || !lacks_room(done.error())) break;
      good_until_ = std::numeric_limits<std::int64_t>::min();
      if (!options_.reserve) full_until_ = (clock_.monotonic() + kRemoteHoldsFor).count();
      if (!options_.reserve || refused == Refused::may_not_use || (again > 0 && !make_room(again)))
        break;
      done = attempt();
    }
    return done;
  }

  bool lacks_room(const Error& error) const {
    if (error.code == Errc::insufficient_storage) return true;
    if (error.code != Errc::unavailable || !options_.reserve) return false;
    const auto space = options_.reserve->space();
    return space && space->free_bytes < kNothing;
  }

  /// Of many who find no room at once one frees a piece; whether it was enough shows when they try.
  bool make_room(int attempt) {
    const std::lock_guard lock(mutex_);
    const auto space = options_.reserve->space();
    const bool others_did =
        space && space->free_bytes >= SpaceReserve::target(*space) / SpaceReserve::kPieces / 2;
    return (others_did && attempt < 3) || options_.reserve->release();
  }

  const std::unique_ptr<Database> inner_;
  const RecordFloorOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  SignIns sign_ins_;
  std::atomic<std::int64_t> good_until_{
      std::numeric_limits<std::int64_t>::min()}; ///< microseconds of the monotonic clock
  std::atomic<std::int64_t> full_until_{std::numeric_limits<std::int64_t>::min()};
};

} // namespace

std::unique_ptr<RecordFloor> with_record_floor(std::unique_ptr<Database> inner,
                                               RecordFloorOptions options, const Clock& clock) {
  return std::make_unique<FlooredDatabase>(std::move(inner), std::move(options), clock);
}

std::unique_ptr<AnchorLog> with_reserve(std::unique_ptr<AnchorLog> inner,
                                        std::shared_ptr<SpaceReserve> reserve) {
  return std::make_unique<ReservedAnchor>(std::move(inner), std::move(reserve));
}

} // namespace baluhost
