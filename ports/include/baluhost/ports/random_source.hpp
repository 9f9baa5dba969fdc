#pragma once

#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <string>

namespace baluhost {

/// Unpredictable bytes, fit for keys and ids. Safe from many threads.
class RandomSource {
 public:
  virtual ~RandomSource() = default;

  /// `count` raw bytes. unavailable if the source cannot vouch for them; never weak ones.
  [[nodiscard]] virtual Result<std::string> bytes(std::size_t count) = 0;
};

} // namespace baluhost
