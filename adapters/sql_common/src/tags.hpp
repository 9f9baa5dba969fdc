#pragma once

#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstddef>
#include <span>
#include <unordered_set>
#include <vector>

/// The rows of `audit_tags`. A tag of one event has no list of events; that of several has one,
/// with their leaves.
namespace baluhost::sql {

/// A row that is there already belongs to no event, since an id is given once: it is replaced, so
/// that it does not keep the event out.
void insert_tags(Connection& db, std::span<const EventTag> tags);

/// By first event, after `after`, with what is stored of their events.
std::vector<StoredTag> read_tags(Connection& db, EventId after, std::size_t limit);

/// The events after `after` that lists of tags name whose first event is at most `last`.
std::unordered_set<EventId> listed_events(Connection& db, EventId after, EventId last);

void remove_tags(Connection& db, std::span<const EventId> first_events);

} // namespace baluhost::sql
