#pragma once

#include "baluhost/domain/result.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace baluhost::bench {

template <class T>
T value(Result<T> result) {
  if (!result)
    throw std::runtime_error(std::string{code_of(result.error().code)} + ": " +
                             result.error().detail);
  return *std::move(result);
}
inline void value(const Result<void>& result) {
  if (!result)
    throw std::runtime_error(std::string{code_of(result.error().code)} + ": " +
                             result.error().detail);
}

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// How long `work` takes, in seconds.
template <class Work>
double timed(const Work& work) {
  const double start = seconds_now();
  work();
  return seconds_now() - start;
}

/// The least of `samples` that `share` of them do not exceed.
inline double percentile(std::vector<double> samples, double share) {
  if (samples.empty()) return 0;
  std::sort(samples.begin(), samples.end());
  const auto rank =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(samples.size())));
  return samples[std::max<std::size_t>(rank, 1) - 1];
}

} // namespace baluhost::bench
