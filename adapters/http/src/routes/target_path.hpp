#pragma once

#include "dispatch/call.hpp"

#include "baluhost/domain/files/file_path.hpp"

namespace baluhost::http {

/// The path that the target names; also what a failure is recorded on.
inline Result<FilePath> target_path(Call& call) {
  std::string text;
  for (const std::string& segment : call.parameters) text += "/" + segment;
  call.resource = text;
  BALUHOST_TRY(auto path, FilePath::from_segments(call.parameters));
  call.resource = path.str();
  return path;
}

} // namespace baluhost::http
