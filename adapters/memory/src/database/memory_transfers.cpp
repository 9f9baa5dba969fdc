#include "database/repositories.hpp"

namespace baluhost::memory {

Result<std::vector<Transfer>> MemoryTransfers::of_instance(const InstanceId& instance,
                                                           std::size_t limit) const {
  std::vector<Transfer> transfers;
  state_.transfers.each([&](TransferId, const Transfer& transfer) {
    if (transfers.size() >= limit) return false;
    if (transfer.instance == instance) transfers.push_back(transfer);
    return true;
  });
  return transfers;
}

Result<TransferId> MemoryTransfers::begin(const InstanceId& instance,
                                          const NewAuditEvent& interrupted) {
  BALUHOST_CHECK(check_built_in(interrupted.action));
  const TransferId id{++state_.last_transfer};
  state_.transfers.put(id, Transfer{id, instance, interrupted});
  return id;
}

Result<std::vector<TransferId>> MemoryTransfers::begin_all(
    const InstanceId& instance, std::span<const NewAuditEvent> interrupted) {
  std::vector<TransferId> ids;
  for (const auto& event : interrupted) {
    BALUHOST_TRY(const auto id, begin(instance, event));
    ids.push_back(id);
  }
  return ids;
}

Result<std::vector<TransferId>> MemoryTransfers::end(std::span<const TransferId> ids) {
  std::vector<TransferId> ended;
  for (const auto id : ids) {
    if (state_.transfers.erase(id)) ended.push_back(id);
  }
  return ended;
}

Result<std::vector<Instance>> MemoryTransfers::instances() const {
  std::vector<Instance> instances;
  state_.instances.each([&](const InstanceId&, const Instance& instance) {
    instances.push_back(instance);
    return true;
  });
  return instances;
}

Result<void> MemoryTransfers::put_instance(const Instance& instance) {
  Instance renewed = instance;
  if (const auto* known = state_.instances.find(instance.id))
    renewed.started_at = known->started_at;
  state_.instances.put(instance.id, std::move(renewed));
  return {};
}

Result<void> MemoryTransfers::remove_instance(const InstanceId& id) {
  const auto transfers = state_.transfers;
  transfers.each([&](TransferId transfer, const Transfer& row) {
    if (row.instance == id) state_.transfers.erase(transfer);
    return true;
  });
  state_.instances.erase(id);
  return {};
}

} // namespace baluhost::memory
