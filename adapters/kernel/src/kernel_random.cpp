#include "baluhost/kernel/kernel_random.hpp"

#include <sys/random.h>
#include <cerrno>
#include <system_error>

namespace baluhost {
namespace {

class KernelRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t count) override {
    std::string bytes(count, '\0');
    for (std::size_t done = 0; done < count;) {
      const auto got = ::getrandom(bytes.data() + done, count - done, 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        return Error{Errc::unavailable,
                     "no random bytes: " + std::generic_category().message(errno)};
      done += static_cast<std::size_t>(got);
    }
    return bytes;
  }
};

} // namespace

std::unique_ptr<RandomSource> make_kernel_random() { return std::make_unique<KernelRandom>(); }

} // namespace baluhost
