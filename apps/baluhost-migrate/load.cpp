// Both databases and this program could each keep a core busy for most of the time, and none of
// them does more than one thing at once for one connection. So there are several, on either side;
// which table goes when depends on how large it becomes: the events, the leaves of their chain, all
// else.

#include "load.hpp"

#include "chain_stream.hpp"
#include "crew.hpp"
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

namespace baluhost::migrate {
namespace {

constexpr int kWorkers = 3;

/// Connections to the target, each in one hand at a time.
class Connections {
 public:
  explicit Connections(const std::string& url) : url_(url) {}

  class Lease {
   public:
    Lease(Connections& owner, std::unique_ptr<Store> store)
        : owner_(&owner), store_(std::move(store)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (!store_) return;
      const std::scoped_lock lock{owner_->mutex_};
      owner_->free_.push_back(std::move(store_));
    }
    Store& operator*() const { return *store_; }
    Store* operator->() const { return store_.get(); }

   private:
    Connections* owner_;
    std::unique_ptr<Store> store_;
  };

  Result<Lease> take() {
    {
      const std::scoped_lock lock{mutex_};
      if (!free_.empty()) {
        auto store = std::move(free_.back());
        free_.pop_back();
        return Lease{*this, std::move(store)};
      }
    }
    BALUHOST_TRY(auto store, open_side(url_, true));
    return Lease{*this, std::move(store)};
  }

 private:
  std::string url_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Store>> free_;
};

class Load {
 public:
  Load(Context& context, const std::optional<std::string>& backup)
      : context_(context),
        backup_(backup),
        connections_(context.options.to),
        progress_("copying", total_rows(*context.source)) {}

  Result<Loaded> run() {
    BALUHOST_TRY(const auto parts, context_.target->missing_parts());
    loaded_.parts = parts.size();
    BALUHOST_TRY(auto seals, connections_.take());
    ChainStream chain{context_.configuration, *context_.digester, *seals};
    plan(parts, chain);
    BALUHOST_CHECK(crew_.run(kWorkers, [&] { chain.give_up(); }));
    BALUHOST_CHECK(context_.target->finish_schema());
    loaded_.rows = copied_;
    loaded_.copying = crew_.span("copy");
    loaded_.indexing = crew_.span("index");
    loaded_.reading = crew_.span("read");
    return std::move(loaded_);
  }

 private:
  using Names = std::vector<std::string_view>;

  void plan(const std::vector<SchemaPart>& parts, ChainStream& chain) {
    Names rest;
    for (const Table& table : tables()) {
      if (table.name != "audit_logs" && table.name != "audit_leaves") rest.push_back(table.name);
    }
    std::map<std::string_view, std::size_t> copied; // pieces by table
    int reader = 0;
    for (const Names& names : {Names{"audit_logs"}, Names{"audit_leaves"}, rest}) {
      const auto piece =
          crew_.add("copy", {}, [this, names, number = reader++] { return copy(names, number); });
      for (const auto& name : names) copied[name] = piece;
    }
    std::vector<std::size_t> keys;
    std::map<std::string_view, std::vector<std::size_t>>
        readable; // what must be done before a table is read by its key
    for (const auto& [name, piece] : copied) readable[name].push_back(piece);
    // The big ones first, so that what is read back can begin.
    for (const bool big : {true, false}) {
      for (const SchemaPart& part : parts) {
        if (part.kind != SchemaPart::Kind::key ||
            (copied.at(part.table) != copied.at(rest.front())) != big)
          continue;
        keys.push_back(make_after({copied.at(part.table)}, part));
        readable[table_named(part.table).name].push_back(keys.back());
      }
    }
    crew_.add("read", readable["audit_logs"], [this, &chain] { return read_events(chain); });
    auto leaves = readable["audit_leaves"];
    leaves.push_back(copied.at("audit_seals"));
    crew_.add("read", leaves, [this, &chain] { return read_leaves(chain); });
    for (const SchemaPart& part : parts) {
      if (part.kind == SchemaPart::Kind::index) make_after({copied.at(part.table)}, part);
    }
    std::vector<std::size_t> all;
    for (const auto& name : rest)
      all.insert(all.end(), readable[name].begin(), readable[name].end());
    crew_.add("read", all, [this, rest] { return read(rest); });
    keys.push_back(copied.at(rest.front()));
    for (const SchemaPart& part : parts) {
      if (part.kind == SchemaPart::Kind::reference) make_after(keys, part);
    }
  }

  std::size_t make_after(std::vector<std::size_t> after, const SchemaPart& part) {
    return crew_.add("index", std::move(after), [this, part]() -> Result<void> {
      BALUHOST_TRY(const auto target, connections_.take());
      return target->make_part(part);
    });
  }

  Result<void> copy(const Names& names, int number) {
    std::unique_ptr<Store> opened;
    if (backup_) {
      BALUHOST_TRY(opened, open_sqlite_store(*backup_, SqliteUse::frozen));
    }
    Store& source = opened        ? *opened
                    : number == 0 ? *context_.source
                                  : *context_.readers[static_cast<std::size_t>(number) - 1];
    BALUHOST_TRY(const auto target, connections_.take());
    for (const auto& name : names) {
      const auto start = std::chrono::steady_clock::now();
      TableHash hash{*context_.digester};
      const Table& table = table_named(name);
      BALUHOST_CHECK(copy_rows(source, *target, table, std::nullopt, Transactions::own,
                               context_.options.batch, [&](const Row& row) {
                                 hash.add(table, row);
                                 const auto copied = ++copied_;
                                 if (number == 0) progress_.update(copied);
                               }));
      const std::scoped_lock lock{mutex_};
      loaded_.read[name] = hash.checksum();
      loaded_.seconds[name] = seconds_since(start);
    }
    return {};
  }

  /// Hashes one table of the target.
  Result<void> hash(Store& target, std::string_view name, FunctionRef<void(const Row&)> seen) {
    const Table& table = table_named(name);
    TableHash hash{*context_.digester};
    BALUHOST_CHECK(target.scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
      hash.add(table, row);
      seen(row);
      return {};
    }));
    const std::scoped_lock lock{mutex_};
    loaded_.written[name] = hash.checksum();
    return {};
  }

  Result<void> read_events(ChainStream& chain) {
    BALUHOST_TRY(const auto target, connections_.take());
    auto done = hash(*target, "audit_logs", [&](const Row& row) { chain.event(row); });
    chain.end_of_events();
    return done;
  }
  Result<void> read_leaves(ChainStream& chain) {
    BALUHOST_TRY(const auto target, connections_.take());
    BALUHOST_CHECK(hash(*target, "audit_leaves", [&](const Row& row) { chain.leaf(row); }));
    loaded_.chain = chain.finish();
    return {};
  }
  Result<void> read(const Names& names) {
    BALUHOST_TRY(const auto target, connections_.take());
    for (const auto& name : names) BALUHOST_CHECK(hash(*target, name, [](const Row&) {}));
    return {};
  }

  Context& context_;
  const std::optional<std::string>& backup_;
  Connections connections_;
  Progress progress_;
  Crew crew_;
  std::atomic<std::int64_t> copied_{0};
  std::mutex mutex_;
  Loaded loaded_;
};

} // namespace

Result<void> copy_rows(Store& source, Store& target, const Table& table,
                       std::optional<std::int64_t> after, Transactions transactions,
                       std::int64_t batch, FunctionRef<void(const Row&)> seen) {
  const bool own = transactions == Transactions::own;
  const bool batched = own && table.growth == Growth::appended;
  std::int64_t in_batch = 0;
  const auto work = [&]() -> Result<void> {
    if (own) BALUHOST_CHECK(target.begin());
    if (table.derived) BALUHOST_CHECK(target.empty(table));
    BALUHOST_CHECK(target.begin_rows(table));
    BALUHOST_CHECK(source.scan(table, after, [&](const Row& row) -> Result<void> {
      if (batched && in_batch == batch) {
        BALUHOST_CHECK(target.end_rows());
        BALUHOST_CHECK(target.commit());
        BALUHOST_CHECK(target.begin());
        BALUHOST_CHECK(target.begin_rows(table));
        in_batch = 0;
      }
      ++in_batch;
      seen(row);
      return target.put(table, row);
    }));
    BALUHOST_CHECK(target.end_rows());
    if (table.identity) {
      BALUHOST_TRY(const auto last, source.identity(table));
      BALUHOST_CHECK(target.set_identity(table, last));
    }
    return own ? target.commit() : Result<void>{};
  };
  auto done = work();
  if (done) return {};
  if (own) target.roll_back();
  return Error{done.error().code, fmt::format("copying {}: {}", table.name, done.error().detail)};
}

Result<Loaded> load(Context& context, const std::optional<std::string>& backup) {
  return Load{context, backup}.run();
}

} // namespace baluhost::migrate
