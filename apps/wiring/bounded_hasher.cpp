#include "bounded_hasher.hpp"

#include <semaphore>

namespace baluhost {
namespace {

class BoundedHasher final : public PasswordHasher {
 public:
  BoundedHasher(std::unique_ptr<PasswordHasher> hasher, unsigned at_once) : hasher_(std::move(hasher)), slots_(at_once) {}

  Result<PasswordHash> hash(const Secret& password) override {
    const Slot slot{slots_};
    return hasher_->hash(password);
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    const Slot slot{slots_};
    return hasher_->verify(password, hash);
  }
  bool needs_rehash(const PasswordHash& hash) const override { return hasher_->needs_rehash(hash); }

 private:
  using Slots = std::counting_semaphore<1024>;
  struct Slot {
    explicit Slot(Slots& of) : slots(of) { slots.acquire(); }
    ~Slot() { slots.release(); }
    Slots& slots;
  };

  std::unique_ptr<PasswordHasher> hasher_;
  Slots slots_;
};

} // namespace

std::unique_ptr<PasswordHasher> with_bounded_concurrency(std::unique_ptr<PasswordHasher> hasher, unsigned at_once) {
  return std::make_unique<BoundedHasher>(std::move(hasher), at_once);
}

} // namespace baluhost
