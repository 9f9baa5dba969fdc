#pragma once

#include "baluhost/ports/repositories/audit_repository.hpp"
#include "baluhost/ports/repositories/roll_up_repository.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"
#include "database/state.hpp"

#include <span>
#include <vector>

namespace baluhost::memory {

class MemoryAudit final : public AuditRepository {
 public:
  explicit MemoryAudit(State& state) : state_(state) {}
  Result<std::optional<AuditEvent>> find(EventId id) const override;
  Result<std::vector<AuditEvent>> query(const AuditFilter& filter, SortOrder order,
                                        const std::optional<EventPosition>& after,
                                        std::size_t limit) const override;
  Result<std::int64_t> count(const AuditFilter& filter, SortOrder order,
                             const std::optional<EventPosition>& after) const override;
  Result<std::vector<AuditEvent>> since(EventId after, std::size_t limit) const override;
  Result<EventId> newest() const override;
  Result<AuditStatistics> statistics(const std::optional<Timestamp>& from,
                                     const std::optional<Timestamp>& to,
                                     const std::optional<std::string>& user,
                                     const std::optional<EventId>& account_since) const override;
  Result<BusiestEvents> busiest(const AuditFilter& filter, std::size_t limit) const override;
  Result<std::vector<CountsByType>> series(const AuditFilter& filter,
                                           std::span<const Timestamp> bounds) const override;

  /// Writes the events of a transaction, cut to the lengths of their columns; returns them as they
  /// are stored.
  std::vector<AuditEvent> append(const AuditEvents& events);

 private:
  State& state_;
};

/// Counts its events whenever it is asked: it has no day to keep.
class MemoryRollUp final : public RollUpRepository {
 public:
  Result<std::optional<std::int64_t>> next(std::int64_t) const override {
    return std::optional<std::int64_t>{};
  }
  Result<void> mark(std::int64_t) override { return {}; }
  Result<void> settle(std::int64_t) override { return {}; }
  Result<std::optional<DayFigures>> count(std::int64_t) const override {
    return std::optional<DayFigures>{};
  }
  Result<bool> keep(const DayFigures&) override { return false; }
};

class MemorySeals final : public SealRepository {
 public:
  explicit MemorySeals(State& state) : state_(state) {}
  Result<std::optional<Seal>> newest() const override;
  Result<std::vector<Seal>> list(SealNumber after, std::size_t limit) const override;
  Result<std::optional<AuditLeaf>> leaf_of(EventId event) const override;
  Result<std::optional<Seal>> seal_of(std::int64_t sequence) const override;
  Result<std::vector<SealedEvent>> sealed_events(std::int64_t after_sequence,
                                                 std::size_t limit) const override;
  Result<std::vector<UnsealedEvent>> unsealed(EventId after, std::size_t limit) const override;
  Result<std::vector<StoredTag>> tags(EventId after, std::size_t limit) const override;
  Result<EventId> sealed_up_to() const override;
  Result<std::vector<PruneRecord>> prunes() const override;
  Result<void> lock_chain() override;
  Result<void> append(const Seal& seal, std::span<const AuditLeaf> leaves) override;
  Result<void> remove_tags(std::span<const EventId> first_events) override;
  Result<std::vector<std::string>> clear_way(std::size_t limit) override;
  Result<void> note_sealed_up_to(EventId event) override;
  Result<void> append_prune(const PruneRecord& record) override;
  Result<std::int64_t> remove_events(std::int64_t last_sequence, std::size_t limit) override;

 private:
  State& state_;
};

} // namespace baluhost::memory
