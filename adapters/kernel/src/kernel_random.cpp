#include "baluhost/kernel/kernel_random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstring>

namespace baluhost {
namespace {

class KernelRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t count) override {
    std::string bytes(count, '\0');
    for (std::size_t filled = 0; filled < count;) {
      const auto got = ::getrandom(bytes.data() + filled, count - filled, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return Error{Errc::unavailable, std::string{"no random bytes: "} + std::strerror(errno)};
      filled += static_cast<std::size_t>(got);
    }
    return bytes;
  }
};

} // namespace

std::unique_ptr<RandomSource> make_kernel_random() { return std::make_unique<KernelRandom>(); }

} // namespace baluhost
