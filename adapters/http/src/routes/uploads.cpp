#include "dispatch/dispatcher.hpp"
#include "fields/conditional.hpp"
#include "fields/content_types.hpp"
#include "fields/http_names.hpp"
#include "fields/whole_number.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"
#include "routes/upload_metadata.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/details.hpp"

namespace baluhost::http::upload_routes {
namespace {

constexpr std::string_view kVersion = "1.0.0";

std::optional<Refusal> check_version(const Call& call) {
  if (call.head.field("tus-resumable") == kVersion) return std::nullopt;
  return Refusal{.status = 412,
                 .code = "precondition_failed",
                 .detail = "Tus-Resumable is to be 1.0.0.",
                 .headers = "Tus-Version: 1.0.0\r\n"};
}

Refusal wrong_type() {
  return {.status = 415,
          .code = "unsupported_media_type",
          .detail = "The body is to be application/offset+octet-stream."};
}

void add_progress(Response& response, const PendingUpload& upload, std::int64_t offset) {
  response.add(field_names::kUploadOffset, std::to_string(offset))
      .add("Upload-Expires", upload.expires_at.to_http_date());
}

Response created(const PendingUpload& upload, std::int64_t offset) {
  Response response;
  response.status = 201;
  response.add(field_names::kLocation, "/api/v1/uploads/" + upload.id.value);
  add_progress(response, upload, offset);
  return response;
}

/// What was kept of the metadata that the upload was created with.
std::string metadata_of(const PendingUpload& upload) {
  UploadMetadata metadata;
  metadata.path = upload.asked().str();
  metadata.overwrite = upload.overwrite;
  metadata.parents = upload.parents;
  metadata.sha256 = upload.expected;
  return format_upload_metadata(metadata);
}

std::int64_t offset_of(const UploadProgress& progress) {
  return progress.finished ? progress.upload.length : progress.upload.offset;
}

/// The body of one request of an upload. What arrives before a connection breaks is kept: that is
/// what tus is for.
class ChunkSink : public BodySink {
 public:
  enum class Kind { creation, append };
  ChunkSink(UploadChunk chunk, Kind request) : chunk_(std::move(chunk)), request_(request) {}

  Result<void> write(std::string_view bytes) override { return chunk_->write(bytes); }

  Outcome finish(const DigestFields&) override {
    BALUHOST_TRY(const auto progress, chunk_->finish());
    if (request_ == Kind::creation) return created(progress.upload, offset_of(progress));
    auto response = no_content();
    add_progress(response, progress.upload, offset_of(progress));
    return response;
  }

  void set_connection(std::shared_ptr<ChunkConnection> connection) override {
    chunk_->set_connection(std::move(connection));
  }

  Error abandon(Error why) override {
    chunk_.reset();
    return why;
  }

 private:
  std::optional<UploadChunk> chunk_;
  Kind request_;
};

Result<std::optional<ChunkChecksum>> read_checksum(const Call& call) {
  const auto header = call.head.field("upload-checksum");
  if (header.data() == nullptr) return std::optional<ChunkChecksum>{};
  BALUHOST_TRY(const auto checksum, parse_upload_checksum(header));
  return std::optional{checksum};
}

Result<std::int64_t> read_number(const Call& call, std::string_view field) {
  return at("/" + std::string{field}, parse_whole_number(call.head.field(field)));
}

Result<CreateUpload> read_creation(Call& call) {
  BALUHOST_TRY(const auto metadata,
               parse_upload_metadata(call.head.field(field_names::kUploadMetadata)));
  if (!metadata.path) return invalid("Upload-Metadata names the path");
  call.resource = *metadata.path;
  if (call.head.has("upload-defer-length"))
    return invalid("the length is to be known: Upload-Length");
  BALUHOST_TRY(const auto length, read_number(call, field_names::kUploadLength));
  BALUHOST_TRY(auto path, FilePath::parse(*metadata.path));
  call.resource = path.str();
  BALUHOST_TRY(auto conditions, read_preconditions(call.head));
  return CreateUpload{.target = std::move(path),
                      .length = length,
                      .overwrite = metadata.overwrite,
                      .parents = metadata.parents,
                      .expected = metadata.sha256,
                      .conditions = std::move(conditions)};
}

} // namespace

Outcome options(Call& call) {
  auto response = no_content();
  response.add("Tus-Version", kVersion)
      .add("Tus-Extension", "creation,creation-with-upload,expiration,checksum,termination");
  response.add("Tus-Checksum-Algorithm", "sha256,sha1")
      .add(field_names::kAllow, "GET, HEAD, POST, OPTIONS");
  if (call.head.has(field_names::kRequestedMethod))
    call.settings.cors.add_preflight(response.headers, call.head.field(field_names::kOrigin),
                                     "GET, HEAD, POST, OPTIONS");
  if (call.settings.max_upload_bytes > 0)
    response.add("Tus-Max-Size", std::to_string(call.settings.max_upload_bytes));
  return response;
}

Outcome list(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto path, path_of_query(call));
  BALUHOST_TRY(const auto page, call.services.uploads.list(call.principal(), path, request));
  return json_response(
      200, page_json(page, [](const UnfinishedUpload& upload) { return to_json(upload); }));
}

Outcome create(Call& call) {
  if (auto refusal = check_version(call)) return *std::move(refusal);
  const bool with_upload = call.head.has_body();
  const auto announced = call.head.content_length;
  if (with_upload &&
      !is_media_type(call.head.field(field_names::kContentType), content_types::kTusChunk))
    return wrong_type();
  if (auto refusal = refuse_coding(call.head)) return *std::move(refusal);
  BALUHOST_TRY(const auto request, read_creation(call));
  BALUHOST_TRY(const auto checksum, read_checksum(call));
  if (!with_upload ||
      (request.length == 0 && call.head.chunked)) { // one of no bytes is finished at once
    BALUHOST_TRY(const auto upload, call.services.uploads.create(call.principal(), request));
    return created(upload, 0);
  }
  BALUHOST_TRY(auto chunk, call.services.uploads.create_with_content(call.principal(), request,
                                                                     checksum, announced));
  return std::unique_ptr<BodySink>{
      std::make_unique<ChunkSink>(std::move(chunk), ChunkSink::Kind::creation)};
}

Outcome status(Call& call) {
  if (auto refusal = check_version(call)) return *std::move(refusal);
  BALUHOST_TRY(const auto id, target_id<UploadId>(call));
  BALUHOST_TRY(const auto upload, call.services.uploads.status(call.principal(), id));
  Response response;
  add_progress(response, upload, upload.offset);
  response.add(field_names::kUploadLength, std::to_string(upload.length))
      .add(field_names::kUploadMetadata, metadata_of(upload));
  return response;
}

Outcome append(Call& call) {
  if (auto refusal = check_version(call)) return *std::move(refusal);
  if (!is_media_type(call.head.field(field_names::kContentType), content_types::kTusChunk))
    return wrong_type();
  if (auto refusal = refuse_coding(call.head)) return *std::move(refusal);
  BALUHOST_TRY(const auto offset, read_number(call, field_names::kUploadOffset));
  BALUHOST_TRY(const auto checksum, read_checksum(call));
  const auto announced =
      call.head.chunked ? std::nullopt : std::optional{call.head.content_length.value_or(0)};
  BALUHOST_TRY(const auto id, target_id<UploadId>(call));
  BALUHOST_TRY(auto chunk,
               call.services.uploads.append(call.principal(), id, offset, checksum, announced));
  return std::unique_ptr<BodySink>{
      std::make_unique<ChunkSink>(std::move(chunk), ChunkSink::Kind::append)};
}

Outcome terminate(Call& call) {
  if (auto refusal = check_version(call)) return *std::move(refusal);
  BALUHOST_TRY(const auto id, target_id<UploadId>(call));
  BALUHOST_CHECK(call.services.uploads.terminate(call.principal(), id));
  return no_content();
}

} // namespace baluhost::http::upload_routes
