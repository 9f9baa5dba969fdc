#include "bulk/bulk_connections.hpp"
#include "bulk/bulk_state.hpp"

#include "baluhost/memory/memory_bulk_store.hpp"

namespace baluhost {
namespace {

using memory::BulkState;
using memory::SharedBulkState;

class Store final : public MemoryBulkStore {
 public:
  explicit Store(const MemoryBulkStoreOptions& options) : options_(options) {}

  std::span<const bulk::Table> tables() const override { return memory::bulk_tables(); }
  std::int64_t needed_version() const override { return memory::kBulkVersion; }
  bool is_concurrent() const override { return options_.concurrent; }
  bool notices_changes() const override { return options_.notices_changes; }

  Result<std::unique_ptr<BulkReader>> open_reader() override {
    return memory::make_bulk_reader(shared_, options_.notices_changes);
  }
  Result<std::unique_ptr<BulkWriter>> open_writer() override {
    BALUHOST_CHECK(shared_.may_write());
    return memory::make_bulk_writer(shared_, options_.notices_changes);
  }

  void make_schema(std::int64_t version) override {
    shared_.change([&](BulkState& state) {
      state.has_schema = true;
      state.version = version;
    });
  }
  void put_row(std::string_view table, Row row) override {
    const bulk::Table& shape = memory::bulk_table(table);
    shared_.change([&](BulkState& state) {
      auto& rows = state.tables[std::string{table}];
      const auto key = memory::key_of(shape, row);
      if (shape.has_identity) {
        auto& last = state.identities[std::string{table}];
        last = std::max(last, std::get<std::int64_t>(row.front()));
      }
      rows[key] = std::move(row);
    });
  }
  std::vector<Row> rows(std::string_view table) const override {
    std::vector<Row> found;
    for (const auto& [key, row] : shared_.look().rows(table)) found.push_back(row);
    return found;
  }
  void set_structure(std::vector<bulk::Finding> findings) override {
    shared_.change([&](BulkState& state) { state.structure = std::move(findings); });
  }
  void set_damage(std::vector<bulk::Finding> findings) override {
    shared_.change([&](BulkState& state) { state.damage = std::move(findings); });
  }
  void fail_write(int nth) override { shared_.fail_write(nth); }
  bool is_about_to_fail() const override { return shared_.is_about_to_fail(); }
  std::unique_ptr<MemoryBulkStore> copy() const override {
    auto other = std::make_unique<Store>(options_);
    other->shared_.change([&](BulkState& state) { state = shared_.look(); });
    return other;
  }

 private:
  MemoryBulkStoreOptions options_;
  SharedBulkState shared_;
};

} // namespace

std::unique_ptr<MemoryBulkStore> make_memory_bulk_store(const MemoryBulkStoreOptions& options) {
  return std::make_unique<Store>(options);
}

} // namespace baluhost
