#include "seals/findings.hpp"

#include <algorithm>
#include <string>

namespace baluhost {
namespace {

constexpr std::size_t kFindingsOnRecord = 50;

} // namespace

void add_findings(JsonObject& details, std::vector<VerifyProblem> findings) {
  std::stable_partition(findings.begin(), findings.end(), [](const VerifyProblem& found) {
    return found.kind == ProblemKind::event_missing;
  });
  std::vector<std::string> listed;
  for (const auto& found : findings) {
    if (listed.size() == kFindingsOnRecord) break;
    JsonObject json;
    json.add("kind", to_string(found.kind));
    if (found.seal) json.add("seal", found.seal->value);
    if (found.event) json.add("event", found.event->value);
    listed.push_back(json.add("detail", found.detail).str());
  }
  details.add("findings_count", static_cast<std::int64_t>(findings.size()));
  details.add_json("findings", json_array(listed));
}

} // namespace baluhost
