#include "dispatch/problem.hpp"

#include "baluhost/domain/details.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"

#include <algorithm>
#include <vector>

namespace baluhost::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {206, "Partial Content"},
    {304, "Not Modified"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {460, "Checksum Mismatch"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

std::string_view sentence_of(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_request:
      return "The request breaks a rule.";
    case Errc::digest_mismatch:
      return "The content received is not the content announced; nothing was stored.";
    case Errc::unauthenticated:
      return "A valid access token is needed.";
    case Errc::invalid_credentials:
      return "Name and password do not fit.";
    case Errc::second_factor_required:
      return "The code of the second factor is needed.";
    case Errc::second_factor_setup_required:
      return "A second factor has to be set up first.";
    case Errc::token_expired:
      return "The token has expired.";
    case Errc::token_revoked:
      return "The token is no longer valid.";
    case Errc::forbidden:
      return "You lack the right to do this.";
    case Errc::not_found:
      return "There is nothing here for you.";
    case Errc::gone:
      return "It was here, and has ended.";
    case Errc::already_exists:
      return "The name is taken.";
    case Errc::conflict:
      return "The present state does not allow it.";
    case Errc::precondition_failed:
      return "A condition of the request does not hold.";
    case Errc::payload_too_large:
      return "The content is larger than allowed.";
    case Errc::quota_exceeded:
      return "The quota has no room for it.";
    case Errc::range_not_satisfiable:
      return "The range begins after the end.";
    case Errc::rate_limited:
      return "Too many attempts; try again later.";
    case Errc::unavailable:
      return "The service cannot do this now; try again later.";
    case Errc::insufficient_storage:
      return "There is no room left.";
    case Errc::client_disconnected:
      return "The request ended early.";
    case Errc::internal:
      return "Something went wrong here.";
  }
  return {};
}

Response problem_response(int status, std::string_view code, std::string_view detail,
                          std::string_view request_id, const std::vector<FieldError>& fields,
                          std::string_view challenge = {}) {
  JsonObject json;
  json.add("type", "about:blank")
      .add("title", reason_phrase(status))
      .add("status", status)
      .add("detail", detail);
  json.add("code", code).add("request_id", request_id);
  if (!challenge.empty()) json.add("challenge", challenge);
  if (!fields.empty()) {
    std::vector<std::string> errors;
    for (const FieldError& field : fields)
      errors.push_back(
          JsonObject{}.add("pointer", field.pointer).add("detail", field.detail).str());
    json.add_json("errors", json_array(errors));
  }
  Response response = json_response(status, json.str());
  response.content_type = content_types::kProblem;
  return response;
}

} // namespace

int status_of(Errc code, Protocol protocol) noexcept {
  switch (code) {
    case Errc::invalid_request:
      return 400;
    case Errc::digest_mismatch:
      return protocol == Protocol::tus ? 460 : 400;
    case Errc::unauthenticated:
    case Errc::invalid_credentials:
    case Errc::token_expired:
    case Errc::token_revoked:
    case Errc::second_factor_required:
      return 401;
    case Errc::second_factor_setup_required:
    case Errc::forbidden:
      return 403;
    case Errc::not_found:
      return 404;
    case Errc::gone:
      return 410;
    case Errc::already_exists:
    case Errc::conflict:
      return 409;
    case Errc::precondition_failed:
      return 412;
    case Errc::payload_too_large:
    case Errc::quota_exceeded:
      return 413;
    case Errc::range_not_satisfiable:
      return 416;
    case Errc::rate_limited:
      return 429;
    case Errc::unavailable:
      return 503;
    case Errc::insufficient_storage:
      return 507;
    case Errc::client_disconnected:
      return 400;
    case Errc::internal:
      return 500;
  }
  return 500;
}

std::string_view reason_phrase(int status) noexcept {
  const auto* const found = std::ranges::find(kReasons, status, &Reason::status);
  return found != std::end(kReasons) ? found->phrase : "Unknown";
}

Response problem(const Error& error, std::string_view request_id, Protocol protocol) {
  const int status = status_of(error.code, protocol);
  std::string detail{sentence_of(error.code)};
  if (error.code == Errc::quota_exceeded && error.trash_bytes)
    detail +=
        " Of what is used, " + std::to_string(*error.trash_bytes) + " bytes are in the trash.";
  if (error.in_doubt) detail = "Whether this was done is not known; look before you try again.";
  Response response = problem_response(status, code_of(error.code), detail, request_id,
                                       error.fields, error.challenge);
  if (status == 401) {
    const bool shown = error.code == Errc::token_expired || error.code == Errc::token_revoked;
    response.add("WWW-Authenticate", shown ? R"(Bearer realm="baluhost", error="invalid_token")"
                                           : R"(Bearer realm="baluhost")");
  }
  if (status == 429 || status == 503)
    response.add(field_names::kRetryAfter,
                 std::to_string(std::max<std::int64_t>(1, error.retry_after.count())));
  if (error.code == Errc::range_not_satisfiable)
    response.add(field_names::kContentRange, "bytes */" + std::to_string(error.content_size));
  return response;
}

Response problem(const Refusal& refusal, std::string_view request_id) {
  Response response =
      problem_response(refusal.status, refusal.code, refusal.detail, request_id, {});
  response.headers += refusal.headers;
  return response;
}

Response json_response(int status, std::string json) {
  Response response;
  response.status = status;
  response.content_type = content_types::kJson;
  response.body = std::move(json);
  return response;
}

Response no_content() {
  Response response;
  response.status = 204;
  return response;
}

} // namespace baluhost::http
