#include "baluhost/domain/identity/second_factor.hpp"

namespace baluhost {

std::string_view to_string(Factor factor) noexcept {
  switch (factor) {
    case Factor::password:
      return "password";
    case Factor::totp:
      return "totp";
    case Factor::recovery_code:
      return "recovery_code";
  }
  return "";
}

TotpStep totp_step(Timestamp now) noexcept {
  constexpr std::int64_t seconds_of_step = 30;
  return TotpStep{now.seconds() / seconds_of_step};
}

} // namespace baluhost
