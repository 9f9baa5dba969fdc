#include "database/repositories.hpp"

namespace baluhost::memory {

Result<std::vector<TransferGroup>> MemoryTransfers::groups(const InstanceId& instance,
                                                           TransferId after,
                                                           std::size_t limit) const {
  std::vector<TransferGroup> groups;
  state_.transfer_groups.each_from({instance, TransferId{after.value + 1}},
                                   [&](const auto& key, const TransferGroup& group) {
                                     if (groups.size() >= limit || key.first != instance)
                                       return false;
                                     groups.push_back(group);
                                     return true;
                                   });
  return groups;
}

Result<void> MemoryTransfers::begin(const TransferGroup& group) {
  const std::pair key{group.instance, group.first};
  if (state_.transfer_groups.contains(key))
    return Error{Errc::internal, "downloads are on record already"};
  state_.transfer_groups.put(key, group);
  return {};
}

Result<bool> MemoryTransfers::end(const InstanceId& instance, const OpenTransfers& seen,
                                  const OpenTransfers& transfers,
                                  std::span<const TransferId> over) {
  const auto* known = state_.instances.find(instance);
  if (known == nullptr || known->transfers.begun != seen.begun ||
      known->transfers.open != seen.open)
    return false;
  Instance changed = *known;
  changed.transfers = transfers;
  state_.instances.put(instance, std::move(changed));
  for (const auto first : over) state_.transfer_groups.erase({instance, first});
  return true;
}

Result<std::vector<Instance>> MemoryTransfers::instances() const {
  std::vector<Instance> instances;
  state_.instances.each([&](const InstanceId&, const Instance& instance) {
    instances.push_back(instance);
    return true;
  });
  return instances;
}

Result<std::optional<Instance>> MemoryTransfers::instance(const InstanceId& id) const {
  const auto* known = state_.instances.find(id);
  return known ? std::optional{*known} : std::nullopt;
}

Result<void> MemoryTransfers::put_instance(const Instance& instance) {
  Instance renewed = instance;
  if (const auto* known = state_.instances.find(instance.id)) {
    renewed = *known;
    renewed.seen_at = instance.seen_at;
  }
  state_.instances.put(instance.id, std::move(renewed));
  return {};
}

Result<void> MemoryTransfers::remove_instance(const InstanceId& id) {
  const auto groups = state_.transfer_groups;
  groups.each([&](const auto& key, const TransferGroup&) {
    if (key.first == id) state_.transfer_groups.erase(key);
    return true;
  });
  state_.instances.erase(id);
  return {};
}

} // namespace baluhost::memory
