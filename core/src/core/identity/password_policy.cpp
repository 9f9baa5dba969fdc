#include "baluhost/core/identity/password_policy.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <string>

namespace baluhost {
namespace {

// One text and not a table: each entry of a table costs a relocation beside its bytes.
constexpr std::string_view kCommonPasswords =
#include "common_passwords.inc"
    ;

/// Whether one of `lines` is `line`. They are sorted by their bytes, each with its end.
bool has_line(std::string_view lines, std::string_view line) {
  while (!lines.empty()) {
    const auto begin = lines.rfind('\n', lines.size() / 2 - 1) + 1; // 0 in the first line
    const auto end = lines.find('\n', begin);
    const auto found = lines.substr(begin, end - begin);
    if (found == line) return true;
    lines = found < line ? lines.substr(end + 1) : lines.substr(0, begin);
  }
  return false;
}

constexpr std::size_t kLeastBytes = 8;
constexpr std::size_t kMostBytes = 1024;
constexpr std::size_t kLeastNameToContain = 4;
constexpr std::string_view kProduct = "baluhost";

Secret lower_cased(std::string_view text) {
  std::string letters{text};
  std::ranges::transform(letters, letters.begin(), lower);
  return Secret{std::move(letters)};
}

/// Fewer characters than a password needs are left without the product's name.
bool leans_on_product(std::string_view lower) {
  return lower.find(kProduct) != std::string_view::npos &&
         lower.size() < kProduct.size() + kLeastBytes;
}

} // namespace

bool is_common_password(std::string_view password) {
  const auto lower = lower_cased(password);
  return has_line(kCommonPasswords, lower.reveal());
}

Result<Secret> normalise_password(const Secret& password) {
  if (password.reveal().size() > kMostBytes) return invalid("must have at most 1024 bytes");
  BALUHOST_TRY(auto normal, to_nfc(password.reveal()));
  return Secret{std::move(normal)};
}

Result<void> check_password(const Secret& password, const Username& name) {
  BALUHOST_CHECK(prepare_password(password, name));
  return {};
}

Result<Secret> prepare_password(const Secret& password, const Username& name) {
  BALUHOST_TRY(auto normal, prepare_password(password));
  const auto lower = lower_cased(normal.reveal());
  if (name.str().size() >= kLeastNameToContain &&
      lower.reveal().find(name.str()) != std::string_view::npos) {
    return invalid("must not contain the username");
  }
  return normal;
}

Result<Secret> prepare_password(const Secret& password) {
  BALUHOST_TRY(auto normal, normalise_password(password));
  const auto bytes = normal.reveal();
  if (bytes.size() < kLeastBytes) return invalid("must have at least 8 bytes");
  if (bytes.size() > kMostBytes) return invalid("must have at most 1024 bytes");
  if (bytes.find('\0') != std::string_view::npos)
    return invalid("must not hold the character U+0000");
  if (is_common_password(bytes)) return invalid("is on the list of common passwords");
  const auto lower = lower_cased(bytes);
  if (leans_on_product(lower.reveal()))
    return invalid("must not be the product's name with a few characters more");
  return normal;
}

} // namespace baluhost
