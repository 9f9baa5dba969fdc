#include "trash/tree_events.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/text.hpp"

#include <utility>

namespace baluhost {

JsonObject removal_details(FileKind kind, const TreeTotals& totals) {
  JsonObject details;
  details.add("file_size", totals.bytes).add("kind", to_string(kind));
  if (kind == FileKind::directory)
    details.add("file_count", totals.files).add("total_size", totals.bytes);
  return details;
}

AuditEvents together(std::vector<NewAuditEvent> events) {
  auto first = std::move(events.front());
  events.erase(events.begin());
  return {std::move(first), std::move(events)};
}

std::vector<NewAuditEvent> events_of(std::span<const TreeNode> nodes, const NewAuditEvent& pattern,
                                     Timestamp now, const std::optional<std::string>& source) {
  std::vector<NewAuditEvent> events;
  const auto place = [](const std::string& root, const TreeNode& node) {
    return node.relative_path.empty() ? root : root + '/' + node.relative_path;
  };
  for (const auto& node : nodes) {
    if (node.kind != FileKind::file) continue;
    auto details = removal_details(node.kind, {.files = 1, .bytes = node.size});
    if (source) details.add("source", place(*source, node));
    auto event = with_details(pattern, details);
    event.timestamp = now;
    event.resource = clamp_text(place(pattern.resource.value_or(""), node), AuditLimits::resource);
    events.push_back(std::move(event));
  }
  return events;
}

} // namespace baluhost
