#include "baluhost/domain/identity/username.hpp"

#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/text.hpp"
#include "letters.hpp"

#include <algorithm>
#include <array>

namespace baluhost {
namespace {

/// Names that could be mistaken for an address of the server's own (a home may one day be served at
/// `/{username}`) or, in the audit trail, for something that is no person. `admin` is not among
/// them: the first user is called so.
constexpr auto kReserved =
    std::to_array<std::string_view>({"anonymous", "api", "healthz", "livez", "metrics", "null",
                                     "readyz", "static", "system", "webdav"});

std::string lower_cased(std::string_view text) {
  std::string name{text};
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

/// Calls `accept` with each part of `text` between dots, until one is not accepted.
template <class Accept>
bool every_part(std::string_view text, Accept accept) {
  for (;;) {
    const auto dot = text.find('.');
    if (!accept(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

/// RFC 5322 section 3.2.3.
bool is_atom(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) ||
           std::string_view{"!#$%&'*+-/=?^_`{|}~"}.find(c) != std::string_view::npos;
  });
}

/// RFC 1123 section 2.1; letters and digits of other scripts too (RFC 5890 section 2.3.2.1).
bool is_host_label(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  std::string rest{text};
  std::erase(rest, '-');
  return is_letters_and_digits(rest);
}

} // namespace

Result<Username> Username::parse(std::string_view text) {
  if (text.size() < 2 || text.size() > 32) return invalid("must have 2 to 32 characters");
  auto name = lower_cased(text);
  const auto allowed = [](char c) {
    return is_lower(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  if (!std::ranges::all_of(name, allowed)) {
    return invalid("may hold letters a to z, digits, dots, underscores and hyphens only");
  }
  if (!is_alphanumeric(name.front())) return invalid("must begin with a letter or a digit");
  if (name.back() == '.')
    return invalid("must not end with a dot: it is also the name of a directory");
  if (std::ranges::find(kReserved, name) != kReserved.end()) return invalid("is a reserved word");
  return Username{std::move(name)};
}

Result<Email> Email::parse(std::string_view written) {
  BALUHOST_TRY(const std::string text, to_nfc(written));
  if (code_points(text) > 254) return invalid("must have at most 254 characters");
  const auto at = text.find('@');
  if (at == std::string::npos)
    return invalid("must be an e-mail address, such as anna@example.org");
  const auto local = std::string_view{text}.substr(0, at);
  const auto host = std::string_view{text}.substr(at + 1);
  if (local.size() > 64 || !every_part(local, is_atom)) {
    return invalid("must have a valid name of at most 64 characters before the @");
  }
  const auto last_label = host.substr(host.rfind('.') + 1);
  if (!every_part(host, is_host_label) || std::ranges::all_of(last_label, is_digit)) {
    return invalid("must have the name of a host, such as example.org, after the @");
  }
  return Email{std::string{local} + "@" + lower_cased(host)};
}

std::string Email::key() const { return lower_cased(text_); }

} // namespace baluhost
