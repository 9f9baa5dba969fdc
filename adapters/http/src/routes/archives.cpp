#include "dispatch/dispatcher.hpp"
#include "dispatch/problem.hpp"
#include "fields/content_disposition.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/content/download_request.hpp"
#include "routes/members.hpp"
#include "routes/routes.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <algorithm>
#include <utility>

namespace baluhost::http::archive_routes {
namespace {

constexpr std::size_t kMostPaths = 1000;

Result<std::vector<FilePath>> read_paths(const JsonReader& json) {
  BALUHOST_TRY(const auto texts, json.texts("paths"));
  if (texts.empty() || texts.size() > kMostPaths)
    return invalid("names 1 to 1000 paths").at("/paths");
  std::vector<FilePath> paths;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BALUHOST_TRY(auto path, at("/paths/" + std::to_string(i), FilePath::parse(texts[i])));
    paths.push_back(std::move(path));
  }
  return paths;
}

Result<std::optional<FileName>> read_name(const JsonReader& json) {
  BALUHOST_TRY(const auto text, json.optional_text("name"));
  return optional_at("/name", text, FileName::parse);
}

/// Goes on as long as its caller may read what comes next.
class ArchiveSource : public ContentSource {
 public:
  ArchiveSource(const HttpServices& services, Principal principal,
                std::unique_ptr<ArchiveStream> stream)
      : services_(services), principal_(std::move(principal)), stream_(std::move(stream)) {}

  Result<ArchivePiece> next() override {
    BALUHOST_TRY(const auto present, services_.auth.look_again(principal_));
    return stream_->next(present);
  }
  void end(std::int64_t sent) noexcept override { stream_->end(sent); }

 private:
  const HttpServices& services_;
  Principal principal_;
  std::unique_ptr<ArchiveStream> stream_;
};

/// A browser that is signed in and has opened a link has a cookie of each: the one counts that the
/// archive is of.
Result<void> choose_caller(Call& call, const ArchiveId& id) {
  if (call.share_token.empty()) return {};
  auto guest =
      call.services.auth.authenticate_again(call.share_token, call.client, Audience::share);
  if (!guest) return {};
  BALUHOST_TRY(const bool is_guests, call.services.archives.has(*guest, id));
  if (is_guests) call.caller = *std::move(guest);
  return {};
}

/// The headers that say what the archive is, on 200, 206, 304 and for HEAD.
void describe(Response& response, const Archive& archive, Timestamp now) {
  response.author = Author::user;
  response.add(field_names::kETag, ArchiveDownload::etag(archive));
  response.add("Last-Modified", std::min(archive.created_at, now).to_http_date());
  if (response.status == 304) return;
  response.content_type = content_types::kZip;
  response.add("Accept-Ranges", "bytes");
  response.add(field_names::kContentDisposition,
               content_disposition(Disposition::attachment, archive.name));
}

} // namespace

Outcome create(Call& call) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "paths name"));
  BALUHOST_TRY(auto paths, read_paths(json));
  BALUHOST_TRY(auto name, read_name(json));
  if (const auto* share = call.principal().share())
    if (auto late = refuse_above(call.settings.shared_archives, share->id.value, call))
      return *std::move(late);
  BALUHOST_TRY(const auto archive, call.services.archives.create(
                                       call.principal(), {std::move(paths), std::move(name)}));
  auto response = json_response(201, to_json(archive));
  response.add(field_names::kLocation, "/api/v1/archives/" + archive.id.value);
  return response;
}

Outcome get(Call& call) {
  call.resource = std::string{call.raw_path};
  const auto id = ArchiveId::parse(call.parameters.front());
  if (!id) return Error{.code = Errc::not_found, .detail = "no archive has such an id"};
  BALUHOST_CHECK(choose_caller(call, *id));
  BALUHOST_TRY(const auto request, read_download(call));
  BALUHOST_TRY(auto opened, call.services.archives.open(call.principal(), *id, request));
  Response response;
  const auto& archive = opened.archive;
  const auto range = opened.range.value_or(ByteRange{.first = 0, .last = archive.size - 1});
  response.status = opened.not_modified ? 304 : opened.range ? 206 : 200;
  describe(response, archive, call.services.clock.now());
  if (response.status == 206)
    response.add(field_names::kContentRange, content_range(range, archive.size));
  if (response.status != 304) response.length = range.length();
  if (opened.stream)
    response.body = std::unique_ptr<ContentSource>{
        std::make_unique<ArchiveSource>(call.services, call.principal(), std::move(opened.stream))};
  return response;
}

} // namespace baluhost::http::archive_routes
