#include "routes/content/content_reply.hpp"

#include "fields/conditional.hpp"
#include "fields/digest_fields.hpp"
#include "fields/http_names.hpp"
#include "routes/content/download_request.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

namespace baluhost::http {
namespace {

/// Up to here the handler reads the bytes itself: head and content then leave in one write.
constexpr std::int64_t kReadAtOnce = 64 * 1024;

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

} // namespace

Result<Disposition> read_disposition(const Query& query) {
  const auto text = query.text("disposition");
  if (!text || *text == "attachment") return Disposition::attachment;
  if (*text == "inline") return Disposition::in_place;
  return invalid("is inline or attachment").at("/disposition");
}

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
      content.download.fail(0, read.error().code);
      auto error = std::move(read).error();
      error.recorded = true; // as the download that did not get a byte out
      return error;
    }
  }
  response.body = std::move(content);
  return response;
}

} // namespace baluhost::http
