#pragma once

#include "store.hpp"

#include "baluhost/ports/digester.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace baluhost::migrate {

struct Checksum {
  std::int64_t rows{};
  std::string sha256; ///< over the canonical rows, hex
  bool operator==(const Checksum&) const = default;
};
using Checksums = std::map<std::string_view, Checksum>; ///< by table

/// Hashes the rows of one table as they come by.
class TableHash {
 public:
  explicit TableHash(const Digester& digester) : hash_(digester.sha256_stream()) {}
  void add(const Table& table, const Row& row);
  Checksum checksum();

 private:
  std::unique_ptr<Sha256Stream> hash_;
  std::string buffer_;
  std::int64_t rows_{0};
};

/// Of the tables that only grow, by their names; 0 for an empty one.
Result<std::map<std::string_view, std::int64_t>> greatest_keys(Store& store);

/// Reads every row of one side. Of a table in `up_to` only those whose key is not greater.
Result<Checksums> checksums(Store& store, const Digester& digester,
                            const std::map<std::string_view, std::int64_t>& up_to = {});

} // namespace baluhost::migrate
