#include "baluhost/filesystem/system_clock.hpp"

namespace baluhost {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const noexcept override {
    return {since_epoch<std::chrono::system_clock>().count()};
  }
  std::chrono::microseconds monotonic() const noexcept override {
    return since_epoch<std::chrono::steady_clock>();
  }

 private:
  template <class Source>
  static std::chrono::microseconds since_epoch() noexcept {
    return std::chrono::floor<std::chrono::microseconds>(Source::now().time_since_epoch());
  }
};

} // namespace

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

} // namespace baluhost
