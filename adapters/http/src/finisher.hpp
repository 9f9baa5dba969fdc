#pragma once

#include "baluhost/core/download.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace baluhost::http {

/// Ends downloads on a thread of its own, since the journal behind them may make its callers wait and an event loop must not.
class Finisher {
 public:
  Finisher();
  ~Finisher(); ///< ends what is queued
  Finisher(const Finisher&) = delete;
  Finisher& operator=(const Finisher&) = delete;

  /// False where too many wait: then finish `download`, which is untouched, on a worker thread.
  [[nodiscard]] bool finish(Download& download, std::int64_t bytes_sent, bool complete);

 private:
  struct Item {
    Download download;
    std::int64_t bytes_sent;
    bool complete;
  };
  static constexpr std::size_t kCapacity = 8192;

  void work();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> items_;
  bool stopping_{false};
  std::thread thread_;
};

} // namespace baluhost::http
