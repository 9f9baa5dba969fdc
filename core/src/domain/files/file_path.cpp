#include "baluhost/domain/files/file_path.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"

#include <algorithm>

namespace baluhost {
namespace {

constexpr std::size_t kMostSegments = FilePath::kMostSegments;
constexpr std::size_t kMostCharacters = FilePath::kMostCharacters;
constexpr std::size_t kMostNameBytes = 255;

std::size_t characters(const std::vector<FileName>& segments) {
  std::size_t count = 0;
  for (const auto& segment : segments) count += 1 + code_points(segment.str());
  return count;
}

Result<void> check_size(const std::vector<FileName>& segments) {
  if (segments.size() > kMostSegments) return invalid("must have at most 64 segments");
  if (characters(segments) > kMostCharacters) return invalid("must have at most 1000 characters");
  return {};
}

/// The first segment is a user's name, and those are lower-cased. Reserved words pass: nobody has
/// them, so nothing is found.
Result<FileName> parse_home(std::string_view text) {
  std::string name{text};
  std::ranges::transform(name, name.begin(), lower);
  const auto allowed = [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  };
  if (name.size() < 2 || name.size() > 32 || !is_alphanumeric(name.front()) ||
      !std::ranges::all_of(name, allowed)) {
    return invalid("must begin with a user's name");
  }
  return FileName::parse(name);
}

Result<FileName> parse_segment(std::string_view text, bool first) {
  return first && text != FilePath::kSharedHome ? parse_home(text) : FileName::parse(text);
}

} // namespace

Result<FileName> FileName::parse(std::string_view text) {
  if (text.empty()) return invalid("must not be empty");
  if (text.size() > kMostNameBytes * 4)
    return invalid("must have at most 255 bytes"); // composing shortens by less
  BALUHOST_TRY(auto name, to_nfc(text));
  if (name.size() > kMostNameBytes) return invalid("must have at most 255 bytes");
  if (name.find_first_of("/\\") != std::string::npos)
    return invalid("must not hold a slash or a backslash");
  if (has_control_or_bidi(name))
    return invalid("must not hold control or text direction characters");
  if (name == "." || name == "..") return invalid("must not be . or ..");
  if (name.front() == ' ' || name.back() == ' ')
    return invalid("must not begin or end with a space");
  if (name.back() == '.') return invalid("must not end with a dot");
  return FileName{std::move(name)};
}

Result<FilePath> FilePath::parse(std::string_view text) {
  if (!text.starts_with('/')) return invalid("must begin with a slash");
  std::vector<FileName> segments;
  do {
    text.remove_prefix(1);
    const auto slash = std::min(text.find('/'), text.size());
    if (segments.size() == kMostSegments) return invalid("must have at most 64 segments");
    BALUHOST_TRY(auto segment, parse_segment(text.substr(0, slash), segments.empty()));
    segments.push_back(std::move(segment));
    text.remove_prefix(slash);
  } while (!text.empty());
  BALUHOST_CHECK(check_size(segments));
  return FilePath{std::move(segments)};
}

Result<FilePath> FilePath::from_segments(std::span<const std::string> segments) {
  if (segments.empty()) return invalid("must begin with a user's name");
  if (segments.size() > kMostSegments) return invalid("must have at most 64 segments");
  std::vector<FileName> names;
  for (const auto& text : segments) {
    BALUHOST_TRY(auto name, parse_segment(text, names.empty()));
    names.push_back(std::move(name));
  }
  BALUHOST_CHECK(check_size(names));
  return FilePath{std::move(names)};
}

std::string FilePath::str() const {
  std::string text;
  for (const auto& segment : segments_) {
    text += '/';
    text += segment.str();
  }
  return text;
}

FilePath FilePath::parent() const {
  if (is_home()) return *this;
  return FilePath{{segments_.begin(), segments_.end() - 1}};
}

Result<FilePath> FilePath::child(const FileName& name) const {
  auto segments = segments_;
  segments.push_back(name);
  BALUHOST_CHECK(check_size(segments));
  return FilePath{std::move(segments)};
}

bool FilePath::contains(const FilePath& other) const noexcept {
  return segments_.size() <= other.segments_.size() &&
         std::equal(segments_.begin(), segments_.end(), other.segments_.begin());
}

} // namespace baluhost
