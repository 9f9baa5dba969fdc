#include "connections/reader_pool.hpp"

#include "baluhost/sql_common/write_queue.hpp"

#include <soci/soci.h>

namespace baluhost::sqlite {
Result<std::unique_ptr<ReaderPool::Reader>> ReaderPool::take(std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  if (!freed_.wait_for(lock, deadline, [&] { return !free_.empty() || opened_ < size_; })) {
    return sql::busy("every connection that reads is in use");
  }
  if (!free_.empty()) {
    // The last one back: its cache is the warmest.
    auto reader = std::move(free_.back());
    free_.pop_back();
    return reader;
  }
  ++opened_;
  lock.unlock();
  try {
    return std::make_unique<Reader>(open_());
  } catch (const std::exception&) {
    lock.lock();
    --opened_;
    freed_.notify_one();
    return sql::busy("the database cannot be opened");
  }
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(reader));
  }
  freed_.notify_one();
}

} // namespace baluhost::sqlite
