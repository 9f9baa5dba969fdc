#include "baluhost/core/file_info.hpp"

#include <algorithm>

namespace baluhost {
namespace {

std::string_view without_weakness(std::string_view etag) { return etag.starts_with("W/") ? etag.substr(2) : etag; }

} // namespace

std::string FileInfo::mime_type() const {
  return entry.kind == FileKind::file ? std::string{media_type_of(entry.name.str())} : std::string{};
}

std::optional<std::string> FileInfo::etag() const {
  if (!entry.content) return std::nullopt;
  return '"' + entry.content->sha256.hex() + '"';
}

bool Condition::matches_strongly(const std::optional<std::string>& etag) const {
  return any || (etag && std::ranges::find(etags, *etag) != etags.end());
}

bool Condition::matches_weakly(const std::optional<std::string>& etag) const {
  return any || (etag && std::ranges::any_of(etags, [&](const auto& own) { return without_weakness(own) == *etag; }));
}

} // namespace baluhost
