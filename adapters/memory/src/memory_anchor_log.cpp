#include "baluhost/memory/memory_anchor_log.hpp"

#include <mutex>

namespace baluhost {
namespace {

class MemoryAnchorLog final : public AnchorLog {
 public:
  Result<void> append(const Anchor& anchor) override {
    const std::lock_guard lock(mutex_);
    if (!newest_ || newest_->number <= anchor.number) newest_ = anchor;
    return {};
  }

  Result<std::optional<Anchor>> newest() const override {
    const std::lock_guard lock(mutex_);
    return newest_;
  }

 private:
  mutable std::mutex mutex_;
  std::optional<Anchor> newest_;
};

} // namespace

std::unique_ptr<AnchorLog> make_memory_anchor_log() { return std::make_unique<MemoryAnchorLog>(); }

} // namespace baluhost
