#include "baluhost/core/audit/failed_request.hpp"

#include <utility>

namespace baluhost {
namespace {

NewAuditEvent draft_of(const AuditLog& log, const FailedRequest& request) {
  auto event = request.caller != nullptr ? log.draft(request.action, *request.caller)
                                         : log.draft(request.action, request.client);
  event.resource = request.resource;
  return event;
}

} // namespace

Error record_failure(AuditLog& log, const FailedRequest& request, Error error) {
  if (error.recorded) return error;
  auto event = draft_of(log, request);
  return request.caller != nullptr
             ? log.failed(std::move(event), std::move(error))
             : log.failed_by_stranger(std::move(event), JsonObject{}, std::move(error));
}

Result<void> record_refusal(AuditLog& log, const FailedRequest& request, std::string_view code) {
  if (request.caller == nullptr) return {};
  return log.refused(draft_of(log, request), code);
}

} // namespace baluhost
