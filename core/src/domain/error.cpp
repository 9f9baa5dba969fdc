#include "baluhost/domain/result.hpp"

#include "baluhost/domain/names.hpp"

#include <ostream>
#include <utility>

namespace baluhost {
namespace {

constexpr auto kCodes =
    names<Errc>({{Errc::invalid_request, "invalid_request"},
                 {Errc::digest_mismatch, "digest_mismatch"},
                 {Errc::unauthenticated, "unauthenticated"},
                 {Errc::invalid_credentials, "invalid_credentials"},
                 {Errc::second_factor_required, "second_factor_required"},
                 {Errc::second_factor_setup_required, "second_factor_setup_required"},
                 {Errc::token_expired, "token_expired"},
                 {Errc::token_revoked, "token_revoked"},
                 {Errc::forbidden, "forbidden"},
                 {Errc::not_found, "not_found"},
                 {Errc::gone, "gone"},
                 {Errc::already_exists, "already_exists"},
                 {Errc::conflict, "conflict"},
                 {Errc::precondition_failed, "precondition_failed"},
                 {Errc::payload_too_large, "payload_too_large"},
                 {Errc::quota_exceeded, "quota_exceeded"},
                 {Errc::range_not_satisfiable, "range_not_satisfiable"},
                 {Errc::rate_limited, "rate_limited"},
                 {Errc::unavailable, "unavailable"},
                 {Errc::insufficient_storage, "insufficient_storage"},
                 {Errc::client_disconnected, "client_disconnected"},
                 {Errc::internal, "internal"}});

} // namespace

std::string_view code_of(Errc code) noexcept { return name_of(kCodes, code); }

Error Error::at(std::string_view pointer) && {
  for (auto& field : fields) field.pointer.insert(0, pointer);
  return std::move(*this);
}

std::string Error::message() const {
  std::string text{code_of(code)};
  if (!detail.empty()) text.append(": ").append(detail);
  for (const auto& field : fields) {
    if (field.pointer.empty() && field.detail == detail) continue; // as `invalid` makes it
    text.append("; ").append(field.pointer.empty() ? "the value" : field.pointer);
    text.append(": ").append(field.detail);
  }
  return text;
}

std::ostream& operator<<(std::ostream& out, Errc code) { return out << code_of(code); }
std::ostream& operator<<(std::ostream& out, const Error& error) { return out << error.message(); }

std::ostream& detail::print(std::ostream& out, const Error* error) {
  return error != nullptr ? out << *error : out << "ok";
}

Error invalid(std::string detail) {
  Error error{.code = Errc::invalid_request, .detail = detail};
  error.fields.push_back({"", std::move(detail)});
  return error;
}

} // namespace baluhost
