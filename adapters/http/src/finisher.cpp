#include "finisher.hpp"

#include <utility>

namespace baluhost::http {

Finisher::Finisher() : thread_([this] { work(); }) {}

Finisher::~Finisher() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Finisher::finish(Download& download, std::int64_t bytes_sent, bool complete) {
  bool first = false;
  {
    const std::lock_guard lock{mutex_};
    if (items_.size() >= kCapacity) return false;
    first = items_.empty();
    items_.push_back({std::move(download), bytes_sent, complete});
  }
  if (first) wake_.notify_one();
  return true;
}

void Finisher::work() {
  std::vector<Item> batch;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !items_.empty(); });
      if (items_.empty()) return;
      batch.swap(items_);
    }
    for (Item& item : batch) item.download.finish(item.bytes_sent, item.complete);
    batch.clear();
  }
}

} // namespace baluhost::http
