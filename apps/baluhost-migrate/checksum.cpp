#include "checksum.hpp"

namespace baluhost::migrate {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

} // namespace

void TableHash::add(const Table& table, const Row& row) {
  append_canonical(buffer_, table, row);
  ++rows_;
  if (buffer_.size() < kBuffer) return;
  hash_->update(buffer_);
  buffer_.clear();
}

Checksum TableHash::checksum() {
  hash_->update(buffer_);
  buffer_.clear();
  return {rows_, hash_->digest().hex()};
}

Result<std::map<std::string_view, std::int64_t>> greatest_keys(Store& store) {
  std::map<std::string_view, std::int64_t> keys;
  for (const Table& table : tables()) {
    if (table.growth != Growth::appended) continue;
    BALUHOST_TRY(const auto greatest, store.greatest_key(table));
    keys[table.name] = greatest.value_or(0);
  }
  return keys;
}

Result<Checksums> checksums(Store& store, const Digester& digester,
                            const std::map<std::string_view, std::int64_t>& up_to) {
  Checksums sums;
  for (const Table& table : tables()) {
    TableHash hash{digester};
    const auto limit = up_to.find(table.name);
    BALUHOST_CHECK(store.scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
      if (limit == up_to.end() || std::get<std::int64_t>(row.front()) <= limit->second)
        hash.add(table, row);
      return {};
    }));
    sums[table.name] = hash.checksum();
  }
  return sums;
}

} // namespace baluhost::migrate
