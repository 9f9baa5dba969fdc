#include "baluhost/domain/files/file_entry.hpp"

namespace baluhost {

std::string_view to_string(FileKind kind) noexcept {
  switch (kind) {
    case FileKind::file:
      return "file";
    case FileKind::directory:
      return "directory";
  }
  return "file";
}

} // namespace baluhost
