#include "baluhost/crypto/openssl_random.hpp"

#include "openssl_handles.hpp"

#include <openssl/rand.h>
#include <climits>

namespace baluhost {
namespace {

class OpensslRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t count) override {
    std::string bytes(count, '\0');
    if (count > INT_MAX || RAND_priv_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                                           static_cast<int>(count)) != 1) {
      return Error{Errc::unavailable, "no random bytes: " + openssl_error()};
    }
    return bytes;
  }
};

} // namespace

std::unique_ptr<RandomSource> make_openssl_random() { return std::make_unique<OpensslRandom>(); }

} // namespace baluhost
