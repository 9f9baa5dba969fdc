#pragma once

#include "repositories/audit/days.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace baluhost::sql {

/// Days that are kept one after the other, or a part that is counted now.
struct Block {
  Moments moments;
  EventId first, last; ///< no event of the block has another id
  std::int64_t most_left{};
};

/// The events of `block` that are about the resource. By the ids, which the index of resources has
/// on SQLite: the few events of the time, not all of the resource.
AuditCount count_resource(Connection& db, const std::string& resource, const Block& block);

/// The `limit` resources that most events of `parts` are about, by what days have kept of their
/// busiest. None if that does not tell: then all events have to be counted.
std::optional<BusiestCounts> busiest_resources(Connection& db, const SpanParts& parts,
                                               std::size_t limit);

} // namespace baluhost::sql
