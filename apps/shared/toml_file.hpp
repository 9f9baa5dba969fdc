#pragma once

#include "baluhost/domain/result.hpp"

#include <string>
#include <vector>

namespace baluhost {

/// A value as a source has it, before anyone knows what it should be.
struct RawValue {
  enum class Kind { text, integer, boolean, list, other };
  Kind kind{Kind::other};
  std::vector<std::string> texts; ///< one, but for a list
  bool untyped{false};            ///< from the environment or a flag, where everything is text
};

struct TomlEntry {
  std::string key; ///< "server.listen"
  RawValue value;
  unsigned line{};
};

/// Every value of a TOML file, with the line it stands on. invalid_request: `detail` says where and
/// what is wrong.
Result<std::vector<TomlEntry>> read_toml_file(const std::string& path);

} // namespace baluhost
