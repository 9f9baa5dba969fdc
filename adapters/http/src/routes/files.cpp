#include "dispatch/dispatcher.hpp"
#include "dispatch/problem.hpp"
#include "fields/conditional.hpp"
#include "fields/content_disposition.hpp"
#include "fields/content_types.hpp"
#include "fields/digest_fields.hpp"
#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/download_request.hpp"
#include "routes/routes.hpp"
#include "routes/target_path.hpp"

#include "baluhost/core/json/json_views.hpp"

#include <algorithm>
#include <span>

namespace baluhost::http::file_routes {
namespace {

/// Up to here the handler reads the bytes itself: head and content then leave in one write.
constexpr std::int64_t kReadAtOnce = 64 * 1024;

Result<Disposition> read_disposition(const Query& query) {
  const auto text = query.text("disposition");
  if (!text || *text == "attachment") return Disposition::attachment;
  if (*text == "inline") return Disposition::in_place;
  return invalid("is inline or attachment").at("/disposition");
}

/// The headers that say what the content is, on 200, 206, 304 and for HEAD. What could run in a
/// browser is an attachment, whatever was asked for.
void describe(Response& response, const FileInfo& info, Disposition wanted, Timestamp now) {
  response.author = Author::user;
  if (const auto etag = info.etag()) response.add(field_names::kETag, *etag);
  // Never later than Date (RFC 9110 section 8.8.2.1).
  response.add("Last-Modified", std::min(info.entry.modified_at, now).to_http_date());
  if (response.status == 304) return;
  response.content_type = info.mime_type();
  response.add("Accept-Ranges", "bytes");
  const auto disposition = is_inert(response.content_type) ? wanted : Disposition::attachment;
  response.add(field_names::kContentDisposition,
               content_disposition(disposition, info.entry.name.str()));
  if (info.entry.content)
    response.add(field_names::kReprDigest, digest_field(info.entry.content->sha256));
}

Result<void> read_at_once(FileContent& content) {
  std::string bytes(static_cast<std::size_t>(content.length), '\0');
  BALUHOST_TRY(const auto got, content.download.reader()->read_at(
                                   content.first, std::span{bytes.data(), bytes.size()}));
  if (got != bytes.size())
    return Error{.code = Errc::internal, .detail = "a blob is shorter than its row says"};
  content.bytes = std::move(bytes);
  content.download.close();
  return {};
}

/// 304, 206 or 200, with its content where that is asked for.
Outcome answer_with(Call& call, Download download, Disposition disposition) {
  Response response;
  const FileInfo& info = download.info();
  const std::int64_t size = info.entry.content ? info.entry.content->size : 0;
  const auto range = download.range().value_or(ByteRange{.first = 0, .last = size - 1});
  response.status = download.not_modified() ? 304 : download.range() ? 206 : 200;
  describe(response, info, disposition, call.services.clock.now());
  if (response.status == 206) response.add(field_names::kContentRange, content_range(range, size));
  if (download.reader() == nullptr) {
    if (response.status != 304) response.length = range.length();
    return response;
  }
  FileContent content{.download = std::move(download),
                      .first = range.first,
                      .length = range.length(),
                      .bytes = std::nullopt};
  if (content.length <= kReadAtOnce) {
    if (auto read = read_at_once(content); !read) {
      content.download.finish(0, false);
      auto error = std::move(read).error();
      error.recorded = true; // as the download that did not get a byte out
      return error;
    }
  }
  response.body = std::move(content);
  return response;
}

/// Content of one PUT on its way into the core.
class PutSink : public BodySink {
 public:
  explicit PutSink(Upload upload) : upload_(std::move(upload)) {}

  Result<void> write(std::string_view bytes) override { return upload_.write(bytes); }

  Outcome finish(const DigestFields& trailers) override {
    auto announced = announced_digest(trailers);
    if (!announced) return upload_.abandon(std::move(announced).error());
    if (*announced) upload_.expect(**announced);
    BALUHOST_TRY(const auto result, upload_.commit());
    auto response = json_response(result.created ? 201 : 200, to_json(result.info));
    if (const auto etag = result.info.etag()) response.add(field_names::kETag, *etag);
    return response;
  }

  Error abandon(Error why) override { return upload_.abandon(std::move(why)); }

 private:
  Upload upload_;
};

Result<PutOptions> read_put(const Call& call) {
  PutOptions options;
  BALUHOST_TRY(options.overwrite, call.query.flag("overwrite"));
  BALUHOST_TRY(options.parents, call.query.flag("parents"));
  BALUHOST_TRY(options.conditions, read_preconditions(call.head));
  if (call.head.has(field_names::kContentRange)) return invalid("a PUT carries the whole content");
  if (!call.head.chunked) options.size = call.head.content_length.value_or(0);
  BALUHOST_TRY(options.expected,
               announced_digest({.content = call.head.field("content-digest"),
                                 .repr = call.head.field(field_names::kReprDigest)}));
  return options;
}

/// A form would be stored with its boundaries and part headers, which is not what its sender means.
std::optional<Refusal> refuse_form(const RequestHead& head) {
  auto type = head.field(field_names::kContentType);
  if (!equals_ignoring_case(trimmed(take_until(type, ';')), content_types::kForm))
    return std::nullopt;
  return Refusal{
      .status = 415,
      .code = "unsupported_media_type",
      .detail = "The body is to be the content itself, not a form: curl -T FILE, not curl -F."};
}

enum class Relocation { move, copy };

Outcome relocate(Call& call, Relocation how) {
  BALUHOST_TRY(const auto json, JsonReader::parse(call.body, "from to overwrite"));
  BALUHOST_TRY(const auto from_text, json.text("from"));
  BALUHOST_TRY(const auto to_text, json.text("to"));
  call.resource = to_text;
  auto from = FilePath::parse(from_text);
  if (!from) return std::move(from).error().at("/from");
  auto to = FilePath::parse(to_text);
  if (!to) return std::move(to).error().at("/to");
  call.resource = to->str();
  BALUHOST_TRY(const bool overwrite, json.flag("overwrite", false));
  auto& files = call.services.files;
  const bool copies = how == Relocation::copy;
  BALUHOST_TRY(const auto info, copies ? files.copy(call.principal(), *from, *to, overwrite)
                                       : files.move(call.principal(), *from, *to, overwrite));
  return json_response(copies ? 201 : 200, to_json(info));
}

Result<std::optional<DirectoryOrder>> read_order(const Query& query) {
  const auto text = query.text("sort");
  if (!text) return std::optional<DirectoryOrder>{};
  auto order = DirectoryOrder::parse(*text);
  if (!order) return std::move(order).error().at("/sort");
  return std::optional{*order};
}

std::string infos_json(const Page<FileInfo>& page) {
  return page_json(page, [](const FileInfo& info) { return to_json(info); });
}

} // namespace

Outcome get(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const auto disposition, read_disposition(call.query));
  BALUHOST_TRY(const auto request, read_download(call));
  auto download = call.services.files.open(call.principal(), path, request);
  if (download) return answer_with(call, *std::move(download), disposition);
  return download_failed(call, std::move(download).error());
}

Outcome put(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  if (auto refusal = refuse_coding(call.head)) return *std::move(refusal);
  if (auto refusal = refuse_form(call.head)) return *std::move(refusal);
  BALUHOST_TRY(const auto options, read_put(call));
  BALUHOST_TRY(auto upload, call.services.files.begin_upload(call.principal(), path, options));
  return std::unique_ptr<BodySink>{std::make_unique<PutSink>(std::move(upload))};
}

Outcome remove(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const bool recursive, call.query.flag("recursive"));
  BALUHOST_TRY(const auto conditions, read_preconditions(call.head));
  BALUHOST_CHECK(call.services.files.remove(call.principal(), path, recursive, conditions));
  return no_content();
}

Outcome meta(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const auto info, call.services.files.info(call.principal(), path));
  return json_response(200, to_json(info));
}

Outcome homes(Call& call) {
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.files.homes(call.principal(), request));
  return json_response(200, infos_json(page));
}

Outcome list(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const auto order, read_order(call.query));
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.files.list(call.principal(), path, request, order));
  return json_response(200, infos_json(page));
}

Outcome make_directory(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const bool parents, call.query.flag("parents"));
  BALUHOST_TRY(const auto made,
               call.services.files.make_directory(call.principal(), path, parents));
  return json_response(made.created ? 201 : 200, to_json(made.info));
}

Outcome move(Call& call) { return relocate(call, Relocation::move); }
Outcome copy(Call& call) { return relocate(call, Relocation::copy); }

Outcome usage(Call& call) {
  BALUHOST_TRY(const auto usage, call.services.files.usage(call.principal()));
  return json_response(200, to_json(usage));
}

} // namespace baluhost::http::file_routes
