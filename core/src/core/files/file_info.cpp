#include "baluhost/core/files/file_info.hpp"

#include <algorithm>

namespace baluhost {
namespace {

Timestamp whole_seconds(Timestamp time) { return {time.seconds() * 1'000'000}; }

std::string_view without_weakness(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

} // namespace

std::string FileInfo::mime_type() const {
  return entry.kind == FileKind::file ? std::string{media_type_of(entry.name.str())}
                                      : std::string{};
}

std::optional<std::string> FileInfo::etag() const {
  if (!entry.content || !shows_content) return std::nullopt;
  return '"' + entry.content->sha256.hex() + '"';
}

bool Condition::matches_strongly(const std::optional<std::string>& etag) const {
  return any || (etag && std::ranges::find(etags, *etag) != etags.end());
}

bool Condition::matches_weakly(const std::optional<std::string>& etag) const {
  return any || (etag && std::ranges::any_of(etags, [&](const auto& own) {
                   return without_weakness(own) == *etag;
                 }));
}

Verdict evaluate(const Preconditions& conditions, const Validators* there) {
  const auto& [if_match, if_none_match, if_modified_since, if_unmodified_since] = conditions;
  if (if_match.present) {
    if (there == nullptr || !if_match.matches_strongly(there->etag)) return Verdict::failed;
  } else if (there != nullptr && if_unmodified_since &&
             whole_seconds(there->modified_at) > *if_unmodified_since) {
    return Verdict::failed;
  }
  if (there == nullptr) return Verdict::go_on;
  if (if_none_match.present)
    return if_none_match.matches_weakly(there->etag) ? Verdict::not_modified : Verdict::go_on;
  const bool is_older =
      if_modified_since && whole_seconds(there->modified_at) <= *if_modified_since;
  return is_older ? Verdict::not_modified : Verdict::go_on;
}

Verdict evaluate(const Preconditions& conditions, const FileInfo* there) {
  if (there == nullptr) return evaluate(conditions, static_cast<const Validators*>(nullptr));
  const auto validators = there->validators();
  return evaluate(conditions, &validators);
}

} // namespace baluhost
