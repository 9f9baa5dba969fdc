#include "baluhost/domain/identity/second_factor.hpp"

#include "baluhost/domain/names.hpp"

namespace baluhost {
namespace {

constexpr auto kFactors = names<Factor>({{Factor::password, "password"},
                                         {Factor::totp, "totp"},
                                         {Factor::recovery_code, "recovery_code"}});

} // namespace

std::string_view to_string(Factor factor) noexcept { return name_of(kFactors, factor); }

TotpStep totp_step(Timestamp now) noexcept {
  constexpr std::int64_t seconds_of_step = 30;
  return TotpStep{now.seconds() / seconds_of_step};
}

} // namespace baluhost
