#include "baluhost/core/json/json_views.hpp"

namespace baluhost {
std::string to_json(const FileInfo& info) {
  const auto& content = info.entry.content;
  JsonObject json;
  json.add("path", info.path.str());
  json.add("name", info.entry.name.str());
  json.add("kind", to_string(info.entry.kind));
  json.add("size", content ? content->size : 0);
  json.add_or_null("sha256", content && info.shows_content ? std::optional{content->sha256.hex()}
                                                           : std::nullopt)
      .add_or_null("mime_type", content ? std::optional{info.mime_type()} : std::nullopt)
      .add_or_null("etag", info.etag());
  json.add("owner", info.owner);
  json.add("created_at", info.entry.created_at.to_rfc3339());
  json.add("modified_at", info.entry.modified_at.to_rfc3339());
  return json.str();
}

std::string to_json(const Usage& usage) {
  JsonObject json;
  json.add("used_bytes", usage.used_bytes);
  json.add("file_count", usage.file_count);
  json.add_or_null("quota_bytes", usage.quota_bytes);
  json.add("trash_bytes", usage.trash_bytes);
  json.add("version_bytes", usage.version_bytes);
  json.add("trash_days", usage.trash_days);
  return json.str();
}

std::string to_json(const TrashEntry& entry) {
  JsonObject json;
  json.add("id", entry.id.value);
  json.add("path", entry.path.str());
  json.add("kind", to_string(entry.kind));
  json.add("size", entry.size);
  json.add("file_count", entry.file_count);
  json.add("deleted_at", entry.deleted_at.to_rfc3339());
  json.add("deleted_by", entry.deleted_by);
  json.add("expires_at", entry.expires_at.to_rfc3339());
  return json.str();
}

std::string to_json(const Version& version) {
  JsonObject json;
  json.add("id", version.id.value);
  json.add("size", version.content.size);
  json.add("sha256", version.content.sha256.hex());
  json.add("created_at", version.created_at.to_rfc3339());
  json.add_or_null("created_by", version.created_by);
  json.add("current", version.is_current);
  return json.str();
}

std::string to_json(const Archive& archive) {
  JsonObject json;
  json.add("id", archive.id.value);
  json.add("url", "/api/v1/archives/" + archive.id.value);
  json.add("size", archive.size);
  json.add("file_count", archive.files);
  json.add("expires_at", archive.expires_at().to_rfc3339());
  return json.str();
}

std::string to_json(const UnfinishedUpload& unfinished) {
  const auto& upload = unfinished.upload;
  JsonObject json;
  json.add("id", upload.id.value);
  json.add("path", upload.target.str());
  if (upload.share)
    json.add_null("creator").add("share", upload.share->id.value);
  else
    json.add("creator", unfinished.creator.str()).add_null("share");
  json.add("length", upload.length);
  json.add("offset", upload.offset);
  json.add("created_at", upload.created_at.to_rfc3339());
  json.add("expires_at", upload.expires_at.to_rfc3339());
  return json.str();
}

} // namespace baluhost
