#pragma once

namespace baluhost {

/// What all repositories keep to. Every method may also fail with unavailable (the database does
/// not answer) or internal (a broken schema or row); only further errors are named. Lists are
/// ordered bytewise, unless another order is named, and bounded by `limit`. For one thread at a
/// time, within its transaction.
class Repository {
 public:
  virtual ~Repository() = default;
};

} // namespace baluhost
