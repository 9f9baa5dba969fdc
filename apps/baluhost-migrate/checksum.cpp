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

Result<Checksums> checksums(Store& store, const Digester& digester, const std::map<std::string_view, std::int64_t>& up_to) {
  Checksums sums;
  for (const Table& table : tables()) {
    TableHash hash{digester};
    const auto limit = up_to.find(table.name);
    BALUHOST_CHECK(store.scan(table, std::nullopt, [&](const Row& row) -> Result<void> {
      if (limit == up_to.end() || std::get<std::int64_t>(row.front()) <= limit->second) hash.add(table, row);
      return {};
    }));
    sums[table.name] = hash.checksum();
  }
  return sums;
}

} // namespace baluhost::migrate
