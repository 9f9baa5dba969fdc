#include "baluhost/domain/files/version.hpp"

namespace baluhost {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.front() != '0' &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

} // namespace

Result<VersionId> VersionId::parse(std::string_view text) {
  const auto dot = text.find('.');
  if (text.size() > kMostCharacters || dot == std::string_view::npos ||
      !is_number(text.substr(0, dot)) || !is_number(text.substr(dot + 1))) {
    return invalid("is not the id of a version");
  }
  return VersionId{std::string{text}};
}

VersionId VersionId::of(FileId file, std::int64_t number) {
  return {std::to_string(file.value) + '.' + std::to_string(number)};
}

} // namespace baluhost
