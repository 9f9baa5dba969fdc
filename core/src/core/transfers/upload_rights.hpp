#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <vector>

/// Unfinished uploads count against the quota of the home that they go into, so none outlives the
/// right to write there.
namespace baluhost {

/// `draft` as the event of an upload that ends unfinished, failed because of `why`. `creator`:
/// where another ends it.
[[nodiscard]] NewAuditEvent ended_upload(const PendingUpload& upload, NewAuditEvent draft, Errc why,
                                         const std::optional<Username>& creator = {});

/// Removes the row of an upload that nobody goes on with, and returns its event, made of `draft`.
[[nodiscard]] Result<NewAuditEvent> lapse_upload(WriteTransaction& tx, const PendingUpload& upload,
                                                 NewAuditEvent draft);

/// Uploads into others' homes, among those that fit `filter`, whose creators may not write there
/// any more.
[[nodiscard]] Result<std::vector<UnfinishedUpload>> unpermitted_uploads(ReadTransaction& tx,
                                                                        const UploadFilter& filter);

/// Removes their rows and returns an event of each, made of `draft`. Their staging files are for
/// `sweep_staged`.
[[nodiscard]] Result<std::vector<NewAuditEvent>> end_unpermitted_uploads(
    WriteTransaction& tx, const UploadFilter& filter, const NewAuditEvent& draft);

} // namespace baluhost
