#include "access/share_events.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "json/field_changes.hpp"

#include <utility>
#include <vector>

namespace baluhost {
namespace {

std::string json(bool flag) { return flag ? "true" : "false"; }
std::string json(std::int64_t number) { return std::to_string(number); }
std::string json(Timestamp time) { return json_text(time.to_rfc3339()); }
std::string json(const std::string& text) { return json_text(text); }
std::string json(ShareRights rights) { return json_text(rights.to_text()); }
template <class T>
std::string json(const std::optional<T>& value) {
  return value ? json(*value) : "null";
}

template <class T>
void add(FieldChanges& list, std::string_view field, const T& from, const std::optional<T>& to) {
  if (to) list.add(field, json(from), json(*to));
}

} // namespace

JsonObject details_of(const ShareId& id) { return std::move(JsonObject{}.add("share", id.value)); }

JsonObject details_of_new(const Share& share) {
  auto details = details_of(share.id);
  details.add("rights", share.rights.to_text())
      .add("has_password", share.password.has_value())
      .add_json("expires_at", json(share.expires_at))
      .add_json("max_uses", json(share.max_uses))
      .add_json("max_bytes", json(share.max_bytes));
  return details;
}

JsonObject details_of_change(const Share& before, const ShareChanges& changes) {
  FieldChanges list;
  add(list, "rights", before.rights, changes.rights);
  if (changes.secret) list.add("secret", "null", "null");
  if (changes.password)
    list.add("has_password", json(before.password.has_value()),
             json(changes.password->has_value()));
  add(list, "expires_at", before.expires_at, changes.expires_at);
  add(list, "max_uses", before.max_uses, changes.max_uses);
  add(list, "max_bytes", before.max_bytes, changes.max_bytes);
  add(list, "note", before.note, changes.note);
  return std::move(details_of(before.id).add_json("changes", list.str()));
}

NewAuditEvent about_share(NewAuditEvent event, const FilePath& path, const JsonObject& details) {
  event.resource = path.str();
  return with_details(std::move(event), details);
}

} // namespace baluhost
