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

/// The path that the member or parameter `path` names; also what a failure is recorded on.
inline Result<FilePath> named_path(Call& call, const std::string& text) {
  call.resource = text;
  auto path = FilePath::parse(text);
  if (!path) return std::move(path).error().at("/path");
  call.resource = path->str();
  return path;
}

/// As `named_path`, of the query; none: it names no path.
inline Result<std::optional<FilePath>> path_of_query(Call& call) {
  const auto text = call.query.text("path");
  if (!text) return std::optional<FilePath>{};
  BALUHOST_TRY(auto path, named_path(call, *text));
  return std::optional{std::move(path)};
}

} // namespace baluhost::http
