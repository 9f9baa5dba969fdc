#include "dispatch/dispatcher.hpp"
#include "dispatch/problem.hpp"
#include "fields/conditional.hpp"
#include "fields/content_types.hpp"
#include "fields/digest_fields.hpp"
#include "fields/http_names.hpp"
#include "fields/json_reader.hpp"
#include "routes/content/content_reply.hpp"
#include "routes/content/download_request.hpp"
#include "routes/routes.hpp"
#include "routes/target.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::http::file_routes {
namespace {

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
  BALUHOST_TRY(const auto from, at("/from", FilePath::parse(from_text)));
  BALUHOST_TRY(const auto to, at("/to", FilePath::parse(to_text)));
  call.resource = to.str();
  BALUHOST_TRY(const bool overwrites, json.flag("overwrite", false));
  const auto overwrite = overwrites ? Overwrite::yes : Overwrite::no;
  auto& files = call.services.files;
  const bool copies = how == Relocation::copy;
  BALUHOST_TRY(const auto info, copies ? files.copy(call.principal(), from, to, overwrite)
                                       : files.move(call.principal(), from, to, overwrite));
  return json_response(copies ? 201 : 200, to_json(info));
}

Result<std::optional<DirectoryOrder>> read_order(const Query& query) {
  return optional_at("/sort", query.text("sort"), DirectoryOrder::parse);
}

Result<std::optional<Timestamp>> read_time(const Query& query, std::string_view name) {
  return optional_at("/" + std::string{name}, query.text(name), Timestamp::parse);
}

Result<NameQuery> read_name_query(const Query& query) {
  const auto words = query.text("q");
  if (!words) return invalid("is missing").at("/q");
  BALUHOST_TRY(NameQuery wanted, at("/q", NameQuery::parse(*words)));
  if (const auto kind = query.text("kind")) {
    if (*kind != "file" && *kind != "directory") return invalid("is file or directory").at("/kind");
    wanted.kind = *kind == "file" ? FileKind::file : FileKind::directory;
  }
  BALUHOST_TRY(wanted.modified_from, read_time(query, "modified_from"));
  BALUHOST_TRY(wanted.modified_to, read_time(query, "modified_to"));
  BALUHOST_TRY(wanted.min_size, query.number("min_size"));
  BALUHOST_TRY(wanted.max_size, query.number("max_size"));
  return wanted;
}

std::string infos_json(const Page<FileInfo>& page) {
  return page_json(page, [](const FileInfo& info) { return to_json(info); });
}

} // namespace

Outcome get(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const auto disposition, read_disposition(call.query));
  BALUHOST_TRY(const auto request, read_download(call));
  BALUHOST_TRY(auto download, call.services.files.open(call.principal(), path, request));
  return answer_with(call, std::move(download), disposition);
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
  BALUHOST_TRY(const bool permanent, call.query.flag("permanent"));
  BALUHOST_CHECK(call.services.files.remove(call.principal(), path,
                                            recursive ? Recursive::yes : Recursive::no, conditions,
                                            permanent ? Deletion::for_good : Deletion::by_rule));
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

Outcome search(Call& call) {
  BALUHOST_TRY(const auto query, read_name_query(call.query));
  const auto path = call.query.text("path");
  if (path) call.resource = *path;
  BALUHOST_TRY(const auto root, optional_at("/path", path, FilePath::parse));
  BALUHOST_TRY(const auto request, call.query.page());
  BALUHOST_TRY(const auto page, call.services.files.search(call.principal(), query, root, request));
  return json_response(200, infos_json(page));
}

Outcome make_directory(Call& call) {
  BALUHOST_TRY(const auto path, target_path(call));
  BALUHOST_TRY(const bool parents, call.query.flag("parents"));
  BALUHOST_TRY(const auto made, call.services.files.make_directory(
                                    call.principal(), path,
                                    parents ? MissingParents::make : MissingParents::refuse));
  return json_response(made.created ? 201 : 200, to_json(made.info));
}

Outcome move(Call& call) { return relocate(call, Relocation::move); }
Outcome copy(Call& call) { return relocate(call, Relocation::copy); }

Outcome usage(Call& call) {
  BALUHOST_TRY(const auto usage, call.services.files.usage(call.principal()));
  return json_response(200, to_json(usage));
}

} // namespace baluhost::http::file_routes
