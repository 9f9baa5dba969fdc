#include "baluhost/memory/insecure_password_hasher.hpp"

#include "sha.hpp"

#include <string>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr std::string_view kPrefix = "$insecure$cost=";
constexpr std::size_t kSaltDigits = 32;
constexpr std::size_t kDigestDigits = 64;

struct HashParts {
  std::string_view cost;
  std::string_view salt;
  std::string_view digest;
};

/// `$insecure$cost=1$salt$digest`, salt and digest in hex.
Result<HashParts> parse(std::string_view phc) {
  const Error unreadable{Errc::internal, "a password hash of another kind"};
  if (!phc.starts_with(kPrefix)) return unreadable;
  phc.remove_prefix(kPrefix.size());
  const auto first = phc.find('$');
  if (first == std::string_view::npos || first == 0 ||
      phc.size() != first + 1 + kSaltDigits + 1 + kDigestDigits)
    return unreadable;
  const HashParts parts{phc.substr(0, first), phc.substr(first + 1, kSaltDigits),
                        phc.substr(first + 2 + kSaltDigits)};
  if (phc[first + 1 + kSaltDigits] != '$' || !from_hex(parts.salt) || !from_hex(parts.digest))
    return unreadable;
  return parts;
}

class InsecurePasswordHasher final : public PasswordHasher {
 public:
  InsecurePasswordHasher(RandomSource& random, int cost)
      : random_(random), cost_(std::to_string(cost)) {}

  Result<PasswordHash> hash(const Secret& password) override {
    BALUHOST_TRY(const auto salt, random_.bytes(kSaltDigits / 2));
    const auto text = to_hex(salt);
    return PasswordHash{
        Secret{std::string{kPrefix} + cost_ + "$" + text + "$" + digest(text, password)}};
  }

  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    BALUHOST_TRY(const auto parts, parse(hash.phc.reveal()));
    return equal_in_constant_time(digest(parts.salt, password), parts.digest);
  }

  bool needs_rehash(const PasswordHash& hash) const override {
    const auto parts = parse(hash.phc.reveal());
    return !parts || parts->cost != cost_;
  }

 private:
  static std::string digest(std::string_view salt, const Secret& password) {
    return memory::hmac_sha256(salt, password.reveal()).hex();
  }

  RandomSource& random_;
  std::string cost_;
};

} // namespace

std::unique_ptr<PasswordHasher> make_insecure_password_hasher(const InsecureHasherOptions& options,
                                                              RandomSource& random) {
  return std::make_unique<InsecurePasswordHasher>(random, options.cost);
}

} // namespace baluhost
