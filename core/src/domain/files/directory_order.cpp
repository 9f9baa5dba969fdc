#include "baluhost/domain/files/directory_order.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace baluhost {

Result<DirectoryOrder> DirectoryOrder::parse(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, DirectoryOrder>, 7> kOrders{
      {{"name", {SortKey::name, false}},
       {"-name", {SortKey::name, true}},
       {"size", {SortKey::size, false}},
       {"-size", {SortKey::size, true}},
       {"modified_at", {SortKey::modified_at, false}},
       {"-modified_at", {SortKey::modified_at, true}},
       {"kind", {SortKey::name, false}}}};
  for (const auto& [name, order] : kOrders)
    if (name == text) return order;
  return invalid("is name, -name, size, -size, modified_at, -modified_at or kind");
}

SortedPlace place_in(DirectoryOrder order, const FileEntry& entry) {
  const auto value = [&]() -> std::int64_t {
    switch (order.key) {
      case SortKey::name:
        return 0;
      case SortKey::size:
        return entry.content ? entry.content->size : 0;
      case SortKey::modified_at:
        return entry.modified_at.microseconds;
    }
    return 0;
  };
  return {.kind = entry.kind, .value = value(), .name = entry.name};
}

bool comes_before(DirectoryOrder order, const SortedPlace& a, const SortedPlace& b) noexcept {
  if (a.kind != b.kind) return a.kind == FileKind::directory;
  if (a.value != b.value) return (a.value < b.value) != order.descending;
  const bool backwards = order.descending && order.key == SortKey::name;
  return backwards ? b.name < a.name : a.name < b.name;
}

} // namespace baluhost
