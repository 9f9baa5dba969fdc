#include "baluhost/testing/faults.hpp"

namespace baluhost::testing {

void Faults::plan(Call call, const FaultPlan& plan) {
  const std::lock_guard lock(mutex_);
  auto& state = states_[static_cast<std::size_t>(call)];
  state.planned.push_back({state.calls + plan.at, plan});
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  for (auto& state : states_) state.planned.clear();
}

int Faults::calls(Call call) const {
  const std::lock_guard lock(mutex_);
  return states_[static_cast<std::size_t>(call)].calls;
}

std::optional<Error> Faults::take(Call call) {
  const std::lock_guard lock(mutex_);
  auto& state = states_[static_cast<std::size_t>(call)];
  const int number = ++state.calls;
  for (const auto& [begin, plan] : state.planned) {
    if (number < begin || number - begin >= plan.count) continue;
    if (clock_ != nullptr) clock_->advance(plan.delay);
    return Error{plan.code, "made to fail by a test"};
  }
  return std::nullopt;
}

} // namespace baluhost::testing
