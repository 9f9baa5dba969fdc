#include "report_json.hpp"

#include "baluhost/domain/details.hpp"

namespace baluhost::migrate {
namespace {

using migration::Report;
using migration::StepReport;
using migration::TableReport;

template <class T, class View>
std::string array(const std::vector<T>& items, View view) {
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(view(item));
  return json_array(texts);
}

std::string view_of_step(const StepReport& step) {
  return JsonObject{}
      .add("step", step.step)
      .add("status", to_string(step.status))
      .add("seconds", step.seconds)
      .add("detail", step.detail)
      .str();
}

std::string view_of_table(const TableReport& table) {
  return JsonObject{}
      .add("table", table.table)
      .add("source_rows", table.source_rows)
      .add("target_rows", table.target_rows)
      .add("source_checksum", table.source_checksum)
      .add("target_checksum", table.target_checksum)
      .add("seconds", table.seconds)
      .str();
}

std::string view_of_finding(const bulk::Finding& finding) {
  return JsonObject{}
      .add("table", finding.table)
      .add("column", finding.column)
      .add("row", finding.row)
      .add("problem", finding.problem)
      .str();
}

} // namespace

std::string to_json(const Report& report, const Times& times) {
  JsonObject json;
  json.add("tool", "baluhost-migrate")
      .add("version", BALUHOST_VERSION)
      .add("started_at", times.started_at)
      .add("finished_at", times.finished_at)
      .add("result", to_string(report.result))
      .add("source", report.source)
      .add("target", report.target)
      .add_json("steps", array(report.steps, view_of_step))
      .add_json("tables", array(report.tables, view_of_table))
      .add_json("findings", array(report.findings, view_of_finding));
  if (report.error.empty())
    json.add_null("error");
  else
    json.add("error", report.error);
  return json.str();
}

} // namespace baluhost::migrate
