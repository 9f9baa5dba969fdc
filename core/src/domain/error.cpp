#include "baluhost/domain/result.hpp"

#include <ostream>
#include <utility>

namespace baluhost {

std::string_view code_of(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_request:
      return "invalid_request";
    case Errc::digest_mismatch:
      return "digest_mismatch";
    case Errc::unauthenticated:
      return "unauthenticated";
    case Errc::invalid_credentials:
      return "invalid_credentials";
    case Errc::second_factor_required:
      return "second_factor_required";
    case Errc::second_factor_setup_required:
      return "second_factor_setup_required";
    case Errc::token_expired:
      return "token_expired";
    case Errc::token_revoked:
      return "token_revoked";
    case Errc::forbidden:
      return "forbidden";
    case Errc::not_found:
      return "not_found";
    case Errc::gone:
      return "gone";
    case Errc::already_exists:
      return "already_exists";
    case Errc::conflict:
      return "conflict";
    case Errc::precondition_failed:
      return "precondition_failed";
    case Errc::payload_too_large:
      return "payload_too_large";
    case Errc::quota_exceeded:
      return "quota_exceeded";
    case Errc::range_not_satisfiable:
      return "range_not_satisfiable";
    case Errc::rate_limited:
      return "rate_limited";
    case Errc::unavailable:
      return "unavailable";
    case Errc::insufficient_storage:
      return "insufficient_storage";
    case Errc::client_disconnected:
      return "client_disconnected";
    case Errc::internal:
      return "internal";
  }
  return "internal";
}

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
