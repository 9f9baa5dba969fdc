#include "archives/archive_names.hpp"

#include "archives/zip_layout.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <array>
#include <functional>

namespace baluhost {
namespace {

constexpr std::string_view kForbidden = "<>:\"|?*\\";
constexpr std::size_t kMostNameBytes = 255;

constexpr auto kDevices =
    std::to_array<std::string_view>({"con", "prn", "aux", "nul", "conin$", "conout$"});

/// Windows keeps these names, whatever their case and with any extension.
bool is_device(std::string_view name) {
  std::string stem{name.substr(0, name.find('.'))};
  while (stem.ends_with(' ')) stem.pop_back();
  std::ranges::transform(stem, stem.begin(), lower);
  if (std::ranges::find(kDevices, stem) != kDevices.end()) return true;
  if (!stem.starts_with("com") && !stem.starts_with("lpt")) return false;
  const auto number = std::string_view{stem}.substr(3);
  if (number.size() == 1 && is_digit(number.front())) return true;
  return number == "\xC2\xB9" || number == "\xC2\xB2" || number == "\xC2\xB3";
}

/// Cut to `most` bytes, between characters.
std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

/// `name (2).ext`
std::string numbered(std::string_view name, int number) {
  const auto dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && dot > 0 && name.size() - dot <= 32;
  const auto extension = has_extension ? name.substr(dot) : std::string_view{};
  const auto stem = name.substr(0, name.size() - extension.size());
  const std::string middle = " (" + std::to_string(number) + ")";
  return std::string{cut(stem, kMostNameBytes - middle.size() - extension.size())} + middle +
         std::string{extension};
}

} // namespace

std::string windows_safe(std::string_view name) {
  std::string safe{name};
  std::ranges::replace_if(
      safe, [](char c) { return kForbidden.find(c) != std::string_view::npos; }, '_');
  if (is_device(safe)) safe.insert(0, "_");
  return std::string{cut(safe, kMostNameBytes)};
}

std::string DirectoryNames::take(std::string_view name) {
  const auto key = [](std::string_view text) { return std::hash<std::string>{}(fold_case(text)); };
  std::string safe = windows_safe(name);
  if (next_.try_emplace(key(safe), 2).second) return safe;
  for (;;) {
    std::string candidate = numbered(safe, next_[key(safe)]++);
    if (next_.try_emplace(key(candidate), 2).second) return candidate;
  }
}

void RenameList::add(std::string_view from, std::string_view to) {
  constexpr std::string_view kHead =
      "Names that were changed (in the archive <- on the server):\r\n";
  constexpr std::string_view kMore = "and more\r\n";
  if (full_) return;
  std::string line = text_.empty() ? std::string{kHead} : std::string{};
  line.append(to).append(" <- ").append(from).append("\r\n");
  full_ = text_.size() + line.size() + kMore.size() > zip::kMostComment;
  text_ += full_ ? std::string{kMore} : line;
}

} // namespace baluhost
