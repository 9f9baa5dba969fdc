// Both databases and this program could each keep a core busy for most of the time, and none of
// them does more than one thing at once for one connection. So there are several, on either side;
// which table goes when depends on how large it becomes: the events, the leaves of their chain, all
// else.

#include "migration/rows/parallel_load.hpp"

#include "migration/rows/copy_rows.hpp"
#include "migration/rows/progress_meter.hpp"
#include "migration/rows/worker_team.hpp"

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

namespace baluhost::migration {
namespace {

using bulk::Content;
using bulk::SchemaPart;
using bulk::Table;
using Piece = std::size_t; ///< of a team's work
using Pieces = std::vector<Piece>;
using Tables = std::vector<const Table*>;

constexpr int kWorkers = 3;

/// Connections to the target, each in one hand at a time.
class Connections {
 public:
  explicit Connections(BulkStore& store) : store_(store) {}

  class Lease {
   public:
    Lease(Connections& owner, std::unique_ptr<BulkWriter> writer)
        : owner_(&owner), writer_(std::move(writer)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (!writer_) return;
      const std::scoped_lock lock{owner_->mutex_};
      owner_->free_.push_back(std::move(writer_));
    }
    BulkWriter& operator*() const { return *writer_; }
    BulkWriter* operator->() const { return writer_.get(); }

   private:
    Connections* owner_;
    std::unique_ptr<BulkWriter> writer_;
  };

  Result<Lease> take() {
    {
      const std::scoped_lock lock{mutex_};
      if (!free_.empty()) {
        auto writer = std::move(free_.back());
        free_.pop_back();
        return Lease{*this, std::move(writer)};
      }
    }
    BALUHOST_TRY(auto writer, store_.open_writer());
    return Lease{*this, std::move(writer)};
  }

 private:
  BulkStore& store_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<BulkWriter>> free_;
};

class ParallelLoad {
 public:
  ParallelLoad(Context& context, BulkStore* backup)
      : context_(context),
        backup_(backup),
        connections_(context.given.target.rows),
        events_(context.table(Content::events)),
        leaves_(context.table(Content::leaves)),
        meter_(context.given.progress, "copying",
               total_rows(context.source.reader(), context.tables)) {
    for (const Table& table : context.tables) {
      if (table.content != Content::events && table.content != Content::leaves)
        rest_.push_back(&table);
    }
  }

  Result<Loaded> run() {
    BALUHOST_TRY(const auto parts, context_.target->missing_parts());
    loaded_.parts = parts.size();
    BALUHOST_TRY(auto seals, connections_.take());
    ChainStream chain{context_.seal_keys(), context_.given.digester, seals->reader(),
                      context_.tables};
    plan_copies();
    plan_keys(parts);
    plan_reading(chain);
    plan_indexes(parts);
    plan_reading_of_rest();
    plan_references(parts);
    BALUHOST_CHECK(team_.run(kWorkers, [&] { chain.give_up(); }));
    BALUHOST_CHECK(context_.target->finish_schema());
    loaded_.rows = copied_;
    loaded_.copying = team_.span("copy");
    loaded_.indexing = team_.span("index");
    loaded_.reading = team_.span("read");
    return std::move(loaded_);
  }

 private:
  // What is added first is done first, once what it waits for is done.

  void plan_copies() {
    int number = 0;
    for (const Tables& tables : {Tables{&events_}, Tables{&leaves_}, rest_}) {
      const auto piece = team_.add(
          "copy", {}, [this, tables, connection = number++] { return copy(tables, connection); });
      for (const Table* table : tables) copied_by_[table->name] = piece;
    }
    for (const auto& [name, piece] : copied_by_) readable_[name].push_back(piece);
  }

  /// Those of the large tables first, so that what is read back can begin.
  void plan_keys(const std::vector<SchemaPart>& parts) {
    for (const bool large : {true, false}) {
      for (const SchemaPart& part : parts) {
        if (part.kind != SchemaPart::Kind::key || is_large(part.table) != large) continue;
        keys_.push_back(make_after({copied_by_.at(part.table)}, part));
        readable_.find(part.table)->second.push_back(keys_.back());
      }
    }
  }

  void plan_reading(ChainStream& chain) {
    team_.add("read", readable_.at(events_.name), [this, &chain] { return read_events(chain); });
    auto leaves = readable_.at(leaves_.name);
    leaves.push_back(copied_by_.at(context_.table(Content::seals).name));
    team_.add("read", leaves, [this, &chain] { return read_leaves(chain); });
  }

  void plan_indexes(const std::vector<SchemaPart>& parts) {
    for (const SchemaPart& part : parts) {
      if (part.kind == SchemaPart::Kind::index) make_after({copied_by_.at(part.table)}, part);
    }
  }

  void plan_reading_of_rest() {
    Pieces all;
    for (const Table* table : rest_) {
      const Pieces& pieces = readable_.at(table->name);
      all.insert(all.end(), pieces.begin(), pieces.end());
    }
    team_.add("read", all, [this] { return read_rest(); });
  }

  void plan_references(const std::vector<SchemaPart>& parts) {
    Pieces after = keys_;
    after.push_back(copied_by_.at(rest_.front()->name));
    for (const SchemaPart& part : parts) {
      if (part.kind == SchemaPart::Kind::reference) make_after(after, part);
    }
  }

  [[nodiscard]] bool is_large(std::string_view table) const {
    return table == events_.name || table == leaves_.name;
  }

  Piece make_after(Pieces after, const SchemaPart& part) {
    return team_.add("index", std::move(after), [this, part]() -> Result<void> {
      BALUHOST_TRY(const auto target, connections_.take());
      return target->make_part(part);
    });
  }

  Result<void> copy(const Tables& tables, int connection) {
    std::unique_ptr<BulkReader> opened;
    if (backup_) {
      BALUHOST_TRY(opened, backup_->open_reader());
    }
    const auto& others = context_.source.others();
    BulkReader& source = opened            ? *opened
                         : connection == 0 ? context_.source.reader()
                                           : *others[static_cast<std::size_t>(connection) - 1];
    BALUHOST_TRY(const auto target, connections_.take());
    for (const Table* table : tables) BALUHOST_CHECK(copy(source, *target, *table));
    return {};
  }

  Result<void> copy(BulkReader& source, BulkWriter& target, const Table& table) {
    const auto start = std::chrono::steady_clock::now();
    TableHash hash{context_.given.digester};
    const bool shows = table.content == Content::events;
    BALUHOST_CHECK(copy_rows(source, target, table, {.batch = context_.options.batch},
                             [&](const bulk::Row& row) {
                               hash.add(table, row);
                               const auto copied = ++copied_;
                               return !shows || meter_.rows(copied);
                             }));
    const std::scoped_lock lock{mutex_};
    loaded_.read[table.name] = hash.checksum();
    loaded_.seconds[table.name] = seconds_since(start);
    return {};
  }

  /// Hashes one table of the target.
  Result<void> read(BulkReader& target, const Table& table,
                    FunctionRef<void(const bulk::Row&)> seen) {
    TableHash hash{context_.given.digester};
    BALUHOST_CHECK(target.scan(table, {}, [&](const bulk::Row& row) -> Result<void> {
      hash.add(table, row);
      seen(row);
      return {};
    }));
    const std::scoped_lock lock{mutex_};
    loaded_.written[table.name] = hash.checksum();
    return {};
  }

  Result<void> read_events(ChainStream& chain) {
    BALUHOST_TRY(const auto target, connections_.take());
    auto done = read(target->reader(), events_, [&](const bulk::Row& row) { chain.event(row); });
    chain.end_of_events();
    return done;
  }

  Result<void> read_leaves(ChainStream& chain) {
    BALUHOST_TRY(const auto target, connections_.take());
    BALUHOST_CHECK(read(target->reader(), leaves_, [&](const bulk::Row& row) { chain.leaf(row); }));
    loaded_.chain = chain.finish();
    return {};
  }

  Result<void> read_rest() {
    BALUHOST_TRY(const auto target, connections_.take());
    for (const Table* table : rest_)
      BALUHOST_CHECK(read(target->reader(), *table, [](const bulk::Row&) {}));
    return {};
  }

  Context& context_;
  BulkStore* backup_;
  Connections connections_;
  const Table& events_;
  const Table& leaves_;
  Tables rest_;
  ProgressMeter meter_;
  WorkerTeam team_;
  std::map<std::string_view, Piece, std::less<>> copied_by_; ///< which piece copies a table
  std::map<std::string_view, Pieces, std::less<>> readable_; ///< what a table waits for to be read
  Pieces keys_;
  std::atomic<std::int64_t> copied_{0};
  std::mutex mutex_;
  Loaded loaded_;
};

} // namespace

Result<Loaded> load_in_parallel(Context& context, BulkStore* backup) {
  return ParallelLoad{context, backup}.run();
}

} // namespace baluhost::migration
