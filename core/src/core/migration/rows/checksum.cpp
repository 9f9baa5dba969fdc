#include "migration/rows/checksum.hpp"

namespace baluhost::migration {
namespace {

constexpr std::size_t kBuffer = 64 * 1024;

void append_number(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>((value >> shift) & 0xff));
}

void append_canonical(std::string& out, const bulk::Table& table, const bulk::Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!table.columns[i].compared) continue;
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) {
      out.push_back(1);
      append_number(out, static_cast<std::uint64_t>(*number), 8);
    } else if (const auto* text = std::get_if<std::string_view>(&row[i])) {
      out.push_back(2);
      append_number(out, text->size(), 4);
      out.append(*text);
    } else {
      out.push_back(0);
    }
  }
}

} // namespace

void TableHash::add(const bulk::Table& table, const bulk::Row& row) {
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

Result<GreatestKeys> greatest_keys(BulkReader& reader, std::span<const bulk::Table> tables) {
  GreatestKeys keys;
  for (const bulk::Table& table : tables) {
    if (table.growth != bulk::Growth::appended) continue;
    BALUHOST_TRY(const auto greatest, reader.greatest_key(table));
    keys[table.name] = greatest.value_or(0);
  }
  return keys;
}

Result<Checksums> checksums(BulkReader& reader, std::span<const bulk::Table> tables,
                            const Digester& digester, const GreatestKeys& up_to) {
  Checksums sums;
  for (const bulk::Table& table : tables) {
    TableHash hash{digester};
    const auto limit = up_to.find(table.name);
    BALUHOST_CHECK(reader.scan(table, {}, [&](const bulk::Row& row) -> Result<void> {
      if (limit == up_to.end() || std::get<std::int64_t>(row.front()) <= limit->second)
        hash.add(table, row);
      return {};
    }));
    sums[table.name] = hash.checksum();
  }
  return sums;
}

std::int64_t total_rows(BulkReader& reader, std::span<const bulk::Table> tables) {
  std::int64_t total = 0;
  for (const bulk::Table& table : tables) total += reader.count(table).value_or(0);
  return total;
}

} // namespace baluhost::migration
