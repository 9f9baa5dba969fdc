#pragma once

#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace baluhost::posix {

/// A file that others may do nothing with, or not everything.
struct PrivateFile {
  int directory;         ///< open, or AT_FDCWD
  std::string name;      ///< in it
  std::string path;      ///< as messages name it
  unsigned refused_mode; ///< the rights of others that it may not have: 077, or 022 to be read
  std::size_t max_bytes;
  std::string_view advice{}; ///< what to do beyond chmod where it has them; begins with a comma
};

/// All of `file`. not_found; conflict: it is a link, not a regular file, too long, or others have
/// rights that are refused; unavailable. `detail` says what to do.
Result<std::string> read_private(const PrivateFile& file);

} // namespace baluhost::posix
