#include "baluhost/domain/files/file_path.hpp"

#include "baluhost/domain/ascii.hpp"

#include <algorithm>
#include <array>

namespace baluhost {
namespace {

struct MediaType {
  std::string_view extension;
  std::string_view type;
};

constexpr MediaType kMediaTypes[] = {
#include "media_types.inc"
};
static_assert(std::ranges::is_sorted(kMediaTypes, {}, &MediaType::extension));

constexpr std::string_view kUnknown = "application/octet-stream";
constexpr std::size_t kLongestExtension =
    std::ranges::max_element(kMediaTypes, {}, [](const MediaType& t) {
      return t.extension.size();
    })->extension.size();

} // namespace

std::string_view media_type_of(std::string_view name) noexcept {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return kUnknown;
  const auto extension = name.substr(dot + 1);
  if (extension.size() > kLongestExtension) return kUnknown;
  std::array<char, kLongestExtension> letters{};
  std::ranges::transform(extension, letters.begin(), lower);
  const std::string_view key{letters.data(), extension.size()};
  const auto* found = std::ranges::lower_bound(kMediaTypes, key, {}, &MediaType::extension);
  return found != std::end(kMediaTypes) && found->extension == key ? found->type : kUnknown;
}

} // namespace baluhost
