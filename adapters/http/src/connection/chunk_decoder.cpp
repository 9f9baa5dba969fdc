#include "connection/chunk_decoder.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <optional>
#include <string>

// Beast's parser by its callbacks: it keeps nothing, so neither do chunk extensions or trailers of
// any length. It waits for more as long as a chunk's head or the trailers are incomplete; how much
// that may be is limited here.
namespace baluhost::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

/// Of a chunk's head, or of all trailers.
constexpr std::size_t kMaxUndecoded = 8 * 1024;
constexpr std::size_t kMaxExtensions = 64 * 1024;
constexpr std::size_t kMaxTrailers = 32;

/// "0" and two line ends: Beast asserts that it does not get less twice.
constexpr std::size_t kShortestEnd = 5;

/// A line end after which Beast waits for ever.
bool has_bare_feed(std::string_view text) noexcept {
  for (auto at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return true;
  return false;
}

/// Beast lets control characters into quoted strings, line feeds too, which other servers may take
/// for the end of the line.
bool has_control(string_view text) noexcept {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) return true;
  return false;
}

/// Of a chunk's head that Beast waits for more of: its line has ended within a quoted string.
bool ends_in_quotes(std::string_view text) noexcept {
  if (text.starts_with("\r\n")) text.remove_prefix(2);
  const auto end = text.find("\r\n");
  if (end == std::string_view::npos) return false;
  bool quoted = false;
  for (std::size_t i = 0; i < end; ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
  }
  return quoted;
}

/// Beast joins a field that goes on in the next line.
bool has_fold(std::string_view trailers) noexcept {
  return trailers.find("\r\n ") != std::string_view::npos ||
         trailers.find("\r\n\t") != std::string_view::npos;
}

} // namespace

struct ChunkDecoder::Parser : beast_http::basic_parser<true> {
  ByteBuffer* out{nullptr};
  bool in_trailers{false};
  bool failed{false};
  std::size_t extensions{0};
  std::size_t trailers{0};
  std::optional<std::string> content_digest;
  std::optional<std::string> repr_digest;

  void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(beast_http::field, string_view name, string_view value,
                     error_code& error) override {
    if (!in_trailers) return;
    if (++trailers > kMaxTrailers) error = beast_http::error::header_limit;
    if (boost::beast::iequals(name, "content-digest"))
      content_digest.emplace(value.data(), value.size());
    if (boost::beast::iequals(name, "repr-digest")) repr_digest.emplace(value.data(), value.size());
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(string_view, error_code& error) override {
    error = beast_http::error::bad_transfer_encoding;
    return 0;
  }
  void on_chunk_header_impl(std::uint64_t size, string_view extension, error_code& error) override {
    extensions += extension.size();
    if (extensions > kMaxExtensions || has_control(extension))
      error = beast_http::error::bad_chunk_extension;
    if (size == 0) in_trailers = true;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view content, error_code&) override {
    return out->append({content.data(), content.size()});
  }
  void on_finish_impl(error_code&) override {}
};

ChunkDecoder::ChunkDecoder(std::string_view head) : parser_(std::make_unique<Parser>()) {
  parser_->header_limit(64 * 1024);
  parser_->body_limit(boost::none);
  error_code error;
  const auto taken = parser_->put(boost::asio::const_buffer{head.data(), head.size()}, error);
  parser_->failed =
      error || taken != head.size() || !parser_->is_header_done() || !parser_->chunked();
}

ChunkDecoder::~ChunkDecoder() = default;

std::size_t ChunkDecoder::decode(std::string_view in, ByteBuffer& out) {
  std::size_t taken = 0;
  parser_->out = &out;
  while (state() == State::more && out.free() > 0 && taken < in.size()) {
    const auto rest = in.substr(taken);
    if (rest.front() == '0' && rest.size() < kShortestEnd) break;
    error_code error;
    const auto step = parser_->put(boost::asio::const_buffer{rest.data(), rest.size()}, error);
    taken += step;
    if (error == beast_http::error::need_more) {
      const auto left = in.substr(taken);
      if (left.size() > kMaxUndecoded || has_bare_feed(left) || ends_in_quotes(left))
        parser_->failed = true;
      if (step == 0) break;
    } else if (error || (parser_->in_trailers && has_fold(rest.substr(0, step)))) {
      parser_->failed = true;
    }
  }
  return taken;
}

ChunkDecoder::State ChunkDecoder::state() const noexcept {
  if (parser_->failed) return State::malformed;
  return parser_->is_done() ? State::done : State::more;
}

DigestFields ChunkDecoder::digests() const noexcept {
  const auto view = [](const std::optional<std::string>& field) {
    return field ? std::string_view{*field} : std::string_view{};
  };
  return {.content = view(parser_->content_digest), .repr = view(parser_->repr_digest)};
}

} // namespace baluhost::http
