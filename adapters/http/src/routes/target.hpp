#pragma once

#include "dispatch/call.hpp"
#include "routes/members.hpp"

#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/username.hpp"

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
  BALUHOST_TRY(auto path, at("/path", FilePath::parse(text)));
  call.resource = path.str();
  return path;
}

/// As `named_path`, of the query; none: it names no path.
inline Result<std::optional<FilePath>> path_of_query(Call& call) {
  const auto text = call.query.text("path");
  if (!text) return std::optional<FilePath>{};
  BALUHOST_TRY(auto path, named_path(call, *text));
  return std::optional{std::move(path)};
}

/// The user that the target names. A name that breaks the rules is that of no user.
inline Result<Username> target_user(const Call& call) {
  auto name = Username::parse(call.parameters.front());
  if (!name) return Error{.code = Errc::not_found, .detail = "no such name is possible"};
  return name;
}

/// The id that the target ends with. A text that is no id is that of nothing.
template <class Id>
Result<Id> target_id(const Call& call) {
  auto id = Id::parse(call.parameters.back());
  if (!id) return Error{.code = Errc::not_found, .detail = "no such id is possible"};
  return id;
}

} // namespace baluhost::http
