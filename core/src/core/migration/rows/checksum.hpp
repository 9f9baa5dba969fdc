#pragma once

#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/digester.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace baluhost::migration {

struct Checksum {
  std::int64_t rows{};
  std::string sha256; ///< over the canonical rows, hex
  bool operator==(const Checksum&) const = default;
};
using Checksums = std::map<std::string_view, Checksum>; ///< by table

/// Hashes the rows of one table as they come by: a tag and the value of every compared column, the
/// same whichever database a row came from.
class TableHash {
 public:
  explicit TableHash(const Digester& digester) : hash_(digester.sha256_stream()) {}
  void add(const bulk::Table& table, const bulk::Row& row);
  Checksum checksum();

 private:
  std::unique_ptr<Sha256Stream> hash_;
  std::string buffer_;
  std::int64_t rows_{0};
};

using GreatestKeys = std::map<std::string_view, std::int64_t>; ///< by table

/// Returns those of the tables that only grow; 0 for an empty one.
Result<GreatestKeys> greatest_keys(BulkReader& reader, std::span<const bulk::Table> tables);

/// Reads every row. Of a table in `up_to` only those whose key is not greater.
Result<Checksums> checksums(BulkReader& reader, std::span<const bulk::Table> tables,
                            const Digester& digester, const GreatestKeys& up_to = {});

/// Returns the number of all rows; what cannot be counted is left out.
std::int64_t total_rows(BulkReader& reader, std::span<const bulk::Table> tables);

} // namespace baluhost::migration
