#pragma once

#include "baluhost/core/access/grant_service.hpp"
#include "baluhost/core/access/share_service.hpp"
#include "baluhost/core/audit/audit_status.hpp"
#include "baluhost/core/files/file_info.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/keys/key_service.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/domain/audit/audit_statistics.hpp"
#include "baluhost/domain/audit/seal.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/files/trash_entry.hpp"
#include "baluhost/domain/files/upload.hpp"
#include "baluhost/domain/files/version.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/user.hpp"

#include <optional>
#include <string>
#include <vector>

/// The objects of the HTTP API as JSON text: what the API answers and what the programs print with
/// `--json`.
namespace baluhost {

/// As the API shows it.
std::string to_json(const User& user);
/// `own`: the session of who asks; it is shown as the current one.
std::string to_json(const Session& session, const std::optional<SessionId>& own);
std::string to_json(const PlacedKey& key);

/// With its secret.
std::string to_json(const MadeKey& key);
std::string to_json(const GrantInfo& grant);
std::string to_json(const PlacedShare& share);
std::string to_json(const OpenedShare& opened); ///< what a stranger is told of the share

/// As the API shows it.
std::string to_json(const FileInfo& info);
std::string to_json(const Usage& usage);
std::string to_json(const TrashEntry& entry);
std::string to_json(const Version& version);
std::string to_json(const Archive& archive);
std::string to_json(const UnfinishedUpload& upload);
std::string to_json(const AuditEvent& event);
std::string to_json(const AuditStatistics& statistics);
std::string to_json(const AuditFigures& figures);
std::string to_json(const AuditStatus& status);
std::string to_json(const Seal& seal);
std::string to_json(const PruneRecord& record);
std::string to_json(const VerifyReport& report);

/// `{"items":[…],"next_cursor":…}`
template <class T, class View>
std::string page_json(const Page<T>& page, View view) {
  std::string json = "{\"items\":[";
  bool is_first = true;
  for (const T& item : page.items) {
    const std::string text = view(item);
    if (is_first)
      json.reserve(json.size() + page.items.size() * (text.size() + text.size() / 8));
    else
      json += ',';
    json += text;
    is_first = false;
  }
  json += "],\"next_cursor\":";
  json += page.next_cursor ? json_text(*page.next_cursor) : "null";
  return json += '}';
}

} // namespace baluhost
