#include "migration/journal.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/names.hpp"
#include "baluhost/domain/text.hpp"

namespace baluhost::migration {
namespace {

constexpr std::size_t kMostFindings = 1000;

constexpr auto kStatuses = names<StepStatus>(
    {{StepStatus::ok, "ok"}, {StepStatus::failed, "failed"}, {StepStatus::skipped, "skipped"}});

constexpr auto kResults = names<RunResult>({{RunResult::ok, "ok"},
                                            {RunResult::failed, "failed"},
                                            {RunResult::dry_run, "dry_run"},
                                            {RunResult::rolled_back, "rolled_back"}});

} // namespace

std::string_view to_string(StepStatus status) noexcept { return name_of(kStatuses, status); }

std::string_view to_string(RunResult result) noexcept { return name_of(kResults, result); }

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Result<void> Journal::step(const std::string& name, FunctionRef<Result<std::string>()> work) {
  const auto start = std::chrono::steady_clock::now();
  auto done = work();
  add({.step = name,
       .status = done ? StepStatus::ok : StepStatus::failed,
       .seconds = seconds_since(start),
       .detail = done ? *done : done.error().detail});
  if (!done) return std::move(done).error();
  return {};
}

void Journal::skip(const std::string& name, const std::string& why) {
  add({.step = name, .status = StepStatus::skipped, .seconds = 0, .detail = why});
}

void Journal::add(StepReport step) { report_.steps.push_back(std::move(step)); }

void Journal::add_before_last(StepReport step) {
  report_.steps.insert(report_.steps.end() - 1, std::move(step));
}

void Journal::find(bulk::Finding finding) {
  finding.row = printable(finding.row);
  const std::scoped_lock lock{mutex_};
  if (report_.findings.size() < kMostFindings)
    report_.findings.push_back(std::move(finding));
  else
    ++left_out_;
}

void Journal::close_findings() {
  if (left_out_ == 0) return;
  report_.findings.back().problem += concat(" (and ", left_out_, " findings more)");
}

} // namespace baluhost::migration
