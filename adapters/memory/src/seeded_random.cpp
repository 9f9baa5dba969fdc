#include "baluhost/memory/seeded_random.hpp"

#include <mutex>
#include <random>

namespace baluhost {
namespace {

class SeededRandom final : public RandomSource {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}

  Result<std::string> bytes(std::size_t count) override {
    const std::lock_guard lock(mutex_);
    std::string bytes(count, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(engine_() >> 56U);
    return bytes;
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

} // namespace

std::unique_ptr<RandomSource> make_seeded_random(std::uint64_t seed) {
  return std::make_unique<SeededRandom>(seed);
}

} // namespace baluhost
