#include "report.hpp"

#include "baluhost/domain/details.hpp"

namespace baluhost::migrate {
namespace {

template <class T, class View>
std::string array(const std::vector<T>& items, View view) {
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(view(item));
  return json_array(texts);
}

} // namespace

std::string Report::to_json() const {
  JsonObject json;
  json.add("tool", "baluhost-migrate")
      .add("version", BALUHOST_VERSION)
      .add("started_at", started_at)
      .add("finished_at", finished_at);
  json.add("result", result).add("source", source).add("target", target);
  json.add_json("steps", array(steps, [](const StepReport& step) {
                  return JsonObject{}
                      .add("step", step.step)
                      .add("status", step.status)
                      .add("seconds", step.seconds)
                      .add("detail", step.detail)
                      .str();
                }));
  json.add_json("tables", array(tables, [](const TableReport& table) {
                  return JsonObject{}
                      .add("table", table.table)
                      .add("source_rows", table.source_rows)
                      .add("target_rows", table.target_rows)
                      .add("source_checksum", table.source_checksum)
                      .add("target_checksum", table.target_checksum)
                      .add("seconds", table.seconds)
                      .str();
                }));
  json.add_json("findings", array(findings, [](const Finding& finding) {
                  return JsonObject{}
                      .add("table", finding.table)
                      .add("column", finding.column)
                      .add("row", finding.row)
                      .add("problem", finding.problem)
                      .str();
                }));
  if (error.empty())
    json.add_null("error");
  else
    json.add("error", error);
  return json.str();
}

} // namespace baluhost::migrate
