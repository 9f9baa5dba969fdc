#include "bulk/bulk_connections.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace baluhost::memory {
namespace {

using bulk::Growth;
using bulk::RunState;
using bulk::SchemaPart;
using bulk::Table;

std::int64_t number_of(const StoredRow& key) { return std::get<std::int64_t>(key.front()); }

class Reader final : public BulkReader {
 public:
  Reader(SharedBulkState& shared, bool notices_changes)
      : shared_(shared), notices_changes_(notices_changes) {}

  /// What is seen instead of the shared state: a snapshot, or a transaction's own.
  std::optional<BulkState> own;

  Result<std::int64_t> schema_version() override {
    const auto state = look();
    if (state.has_schema && state.version == 0)
      return Error{Errc::conflict, "the database of another program"};
    return state.version;
  }
  Result<std::vector<bulk::Finding>> structure() override { return look().structure; }
  Result<std::vector<bulk::Finding>> damage() override { return look().damage; }

  Result<void> begin_snapshot() override {
    changes_ = shared_.changes();
    own = shared_.look();
    return {};
  }
  void end_snapshot() override { own.reset(); }
  Result<bool> changed() override { return !notices_changes_ || shared_.changes() != changes_; }

  Result<void> scan(const Table& table, bulk::Range range, bulk::RowSink sink) override {
    std::int64_t left = range.limit;
    for (const auto& [key, row] : look().rows(table.name)) {
      if (range.after && number_of(key) <= *range.after) continue;
      BALUHOST_CHECK(sink(bulk::view_of(row)));
      if (range.limit > 0 && --left == 0) break;
    }
    return {};
  }
  Result<std::int64_t> count(const Table& table) override {
    return static_cast<std::int64_t>(look().rows(table.name).size());
  }
  Result<std::optional<std::int64_t>> least_key(const Table& table) override {
    const auto rows = look().rows(table.name);
    if (rows.empty()) return std::optional<std::int64_t>{};
    return std::optional{number_of(rows.begin()->first)};
  }
  Result<std::optional<std::int64_t>> greatest_key(const Table& table) override {
    const auto rows = look().rows(table.name);
    if (rows.empty()) return std::optional<std::int64_t>{};
    return std::optional{number_of(rows.rbegin()->first)};
  }
  Result<std::int64_t> last_identity(const Table& table) override {
    const auto state = look();
    const auto found = state.identities.find(table.name);
    return found == state.identities.end() ? std::int64_t{0} : found->second;
  }

  [[nodiscard]] BulkState look() const { return own ? *own : shared_.look(); }

 private:
  SharedBulkState& shared_;
  bool notices_changes_;
  std::int64_t changes_{0};
};

class Writer final : public BulkWriter {
 public:
  Writer(SharedBulkState& shared, bool notices_changes)
      : shared_(shared), reader_(shared, notices_changes) {}

  BulkReader& reader() override { return reader_; }
  Result<std::vector<bulk::Finding>> obstacles() override {
    BALUHOST_CHECK(shared_.may_write());
    return std::vector<bulk::Finding>{};
  }
  Result<bulk::Run> run() override {
    BALUHOST_CHECK(shared_.may_write());
    return reader_.look().run;
  }
  Result<void> set_state(RunState state, std::string_view) override {
    return change([state](BulkState& it) { it.run.state = state; });
  }

  Result<void> begin() override {
    BALUHOST_CHECK(shared_.may_write());
    reader_.own = shared_.look();
    return {};
  }
  Result<void> commit() override {
    BALUHOST_CHECK(shared_.may_write());
    shared_.change(pending_);
    roll_back();
    return {};
  }
  void roll_back() noexcept override {
    pending_.clear();
    reader_.own.reset();
  }

  Result<void> create_schema(std::string_view source) override {
    return change([name = std::string{source}](BulkState& it) {
      it.has_schema = true;
      it.version = kBulkVersion;
      it.run = {RunState::running, name};
      for (const Table& table : bulk_tables())
        it.missing.push_back(
            {SchemaPart::Kind::key, std::string{table.name}, std::string{table.name} + "_key", ""});
      it.missing.push_back({SchemaPart::Kind::index, "users", "users_email", ""});
      it.missing.push_back({SchemaPart::Kind::reference, "audit_leaves", "leaves_events", ""});
    });
  }
  Result<void> empty_rewritten_tables() override {
    return change([](BulkState& it) {
      for (const Table& table : bulk_tables()) {
        if (table.growth == Growth::rewritten) it.tables[std::string{table.name}].clear();
      }
    });
  }
  Result<void> empty(const Table& table) override {
    return change([name = std::string{table.name}](BulkState& it) { it.tables[name].clear(); });
  }
  Result<void> remove_before(const Table& table, std::int64_t key) override {
    return change([name = std::string{table.name}, key](BulkState& it) {
      std::erase_if(it.tables[name], [key](const auto& row) { return number_of(row.first) < key; });
    });
  }

  Result<void> begin_rows(const Table&) override { return shared_.may_write(); }
  Result<void> put(const Table& table, const bulk::Row& row) override {
    auto copy = bulk::stored(row);
    auto key = key_of(table, copy);
    return change([name = std::string{table.name}, key = std::move(key),
                   copy = std::move(copy)](BulkState& it) { it.tables[name][key] = copy; });
  }
  Result<void> end_rows() override { return shared_.may_write(); }
  Result<void> set_last_identity(const Table& table, std::int64_t last) override {
    return change(
        [name = std::string{table.name}, last](BulkState& it) { it.identities[name] = last; });
  }

  Result<std::vector<SchemaPart>> missing_parts() override {
    BALUHOST_CHECK(shared_.may_write());
    return reader_.look().missing;
  }
  Result<void> make_part(const SchemaPart& part) override {
    return change([name = part.name](BulkState& it) {
      std::erase_if(it.missing, [&](const SchemaPart& other) { return other.name == name; });
    });
  }
  Result<void> finish_schema() override { return shared_.may_write(); }
  Result<void> remove_everything() override {
    return change([](BulkState& it) { it = BulkState{}; });
  }

 private:
  Result<void> change(const BulkChange& change) {
    BALUHOST_CHECK(shared_.may_write());
    if (!reader_.own) {
      shared_.change(change);
      return {};
    }
    change(*reader_.own);
    pending_.push_back(change);
    return {};
  }

  SharedBulkState& shared_;
  Reader reader_;
  std::vector<BulkChange> pending_;
};

} // namespace

std::unique_ptr<BulkReader> make_bulk_reader(SharedBulkState& shared, bool notices_changes) {
  return std::make_unique<Reader>(shared, notices_changes);
}

std::unique_ptr<BulkWriter> make_bulk_writer(SharedBulkState& shared, bool notices_changes) {
  return std::make_unique<Writer>(shared, notices_changes);
}

} // namespace baluhost::memory
