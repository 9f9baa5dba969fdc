#include "connection/chunk_decoder.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/problem.hpp"
#include "fields/content_types.hpp"
#include "routes/route_table.hpp"
#include "runtime/worker_pool.hpp"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <mutex>
#include <set>

using namespace baluhost;
using namespace baluhost::http;

namespace {

const std::string kChunkedHead = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/// Decodes `body` in steps of `step` bytes, as a connection does: what is not taken comes again.
ChunkDecoder::State decode(const std::string& body, std::string& out, std::size_t step,
                           std::string* digest = nullptr) {
  ChunkDecoder decoder{kChunkedHead};
  std::string pending;
  for (std::size_t at = 0; at < body.size() && decoder.state() == ChunkDecoder::State::more;
       at += step) {
    pending += body.substr(at, step);
    for (;;) {
      ByteBuffer piece{64};
      const auto taken = decoder.decode(pending, piece);
      pending.erase(0, taken);
      out += piece.view();
      if (piece.empty() && taken == 0) break;
      if (decoder.state() != ChunkDecoder::State::more) break;
    }
  }
  if (digest != nullptr) *digest = decoder.digests().content;
  return decoder.state();
}

struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open{false};
  int waiting{0};
  void wait() {
    std::unique_lock lock{mutex};
    ++waiting;
    changed.notify_all();
    changed.wait(lock, [this] { return open; });
  }
  void wait_for(int count) {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return waiting == count; });
  }
  void release() {
    const std::lock_guard lock{mutex};
    open = true;
    changed.notify_all();
  }
};

struct GateJob : WorkerPool::Job {
  explicit GateJob(Gate& g) : gate(g) {}
  void run() noexcept override { gate.wait(); }
  Gate& gate;
};

} // namespace

TEST_CASE("The chunked coding is taken off, however it is cut", "[http][chunked]") {
  const std::string body =
      "5\r\nhello\r\n6;x=\"y\"\r\n world\r\n0\r\nContent-Digest: sha-256=:AA==:\r\nX: y\r\n\r\n";
  for (const std::size_t step : {1, 2, 3, 7, 1000}) {
    std::string out;
    std::string digest;
    CHECK(decode(body, out, step, &digest) == ChunkDecoder::State::done);
    CHECK(out == "hello world");
    CHECK(digest == "sha-256=:AA==:");
  }
  std::string large;
  const std::string long_chunk = "1000\r\n" + std::string(4096, 'x') + "\r\n0\r\n\r\n";
  CHECK(decode(long_chunk, large, 100) == ChunkDecoder::State::done);
  CHECK(large == std::string(4096, 'x'));
}

TEST_CASE("An empty chunked body may come byte by byte", "[http][chunked]") {
  for (const std::string& body :
       std::vector<std::string>{"0\r\n\r\n", "00\r\n\r\n", "1\r\n0\r\n0\r\n\r\n"}) {
    for (const std::size_t step : {1, 2, 3, 4, 5}) {
      std::string out;
      CHECK(decode(body, out, step) == ChunkDecoder::State::done);
      CHECK(out == (body.front() == '1' ? "0" : ""));
    }
  }
}

TEST_CASE("A chunk that is not exactly one is refused", "[http][chunked]") {
  for (const std::string& body : std::vector<std::string>{
           "x\r\nhello\r\n0\r\n\r\n", "5\r\nhelloX0\r\n\r\n", "5\nhello\n0\n\n", "-5\r\nhello\r\n",
           "0x5\r\nhello\r\n0\r\n\r\n", "5 5\r\nhello\r\n", "\r\nhello", "FFFFFFFFFFFFFFFFF\r\n",
           "5;\x01\r\nhello\r\n0\r\n\r\n", "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n", "0;a=\"\n\"\r\n\r\n",
           "0\r\nbad trailer\r\n\r\n", "0\r\n: x\r\n\r\n", "0\r\nX: y\r\n z\r\n\r\n",
           "0\r\nX: y\r\n\tz\r\n\r\n", "1\r\na\r\n0\r\nX:\r\n z\r\n\r\n",
           "5;a=\"\r\nhello\r\n0\r\n\r\n", "0;a=\"\r\n\r\n",
           "1\r\na\r\n5;a=\"\\\"\r\nhello\r\n0\r\n\r\n"}) {
    for (const std::size_t step : {1, 3, 1000}) {
      INFO(body << " by " << step);
      std::string out;
      CHECK(decode(body, out, step) == ChunkDecoder::State::malformed);
    }
  }
  std::string whole;
  CHECK(decode("5;a=\"\\\";\"\r\nhello\r\n0\r\n\r\n", whole, 1) == ChunkDecoder::State::done);
  CHECK(whole == "hello");
  std::string out;
  CHECK(decode("5;" + std::string(20000, 'x') + "\r\nhello\r\n0\r\n\r\n", out, 1000) ==
        ChunkDecoder::State::malformed);
  CHECK(decode("0\r\n" + std::string(20000, 'x'), out, 1000) == ChunkDecoder::State::malformed);
}

TEST_CASE("A full pool refuses at once and runs everything that it took", "[http][pool]") {
  Gate gate;
  GateJob first{gate};
  GateJob second{gate};
  GateJob third{gate};
  GateJob forced{gate};
  {
    WorkerPool pool{1, 1};
    REQUIRE(pool.submit(first));
    gate.wait_for(1);
    REQUIRE(pool.submit(second));
    CHECK_FALSE(pool.submit(third));
    CHECK(pool.queued() == 1);
    pool.submit_always(forced);
    CHECK(pool.queued() == 2);
    gate.release();
  }
  CHECK(gate.waiting == 3);
}

TEST_CASE("A pool says that a job is there before it queues it", "[http][pool]") {
  Gate gate;
  GateJob first{gate};
  GateJob second{gate};
  int told = 0;
  int told_too_late = 0;
  WorkerPool* self = nullptr;
  {
    WorkerPool pool{1, 1, [&] { told_too_late += self->queued() != told++; }};
    self = &pool;
    gate.release();
    REQUIRE(pool.submit(first));
    gate.wait_for(1);
    CHECK(told == 1);
    pool.submit_always(second);
    CHECK(told == 2);
  }
  CHECK(gate.waiting == 2);
}

TEST_CASE("Every route names its right, its operation and a handler", "[http][routes]") {
  std::set<std::pair<int, std::string>> seen;
  for (const Route& route : api().routes) {
    INFO(route.pattern);
    CHECK(route.handler != nullptr);
    CHECK(route.pattern.starts_with('/'));
    CHECK(seen.emplace(static_cast<int>(route.method), route.pattern).second);
    const bool open = route.permission == Permission::anyone;
    const bool known_open =
        route.pattern == "/api/v1/auth/login" || route.pattern == "/api/v1/auth/login/code" ||
        route.pattern == "/api/v1/auth/refresh" || route.pattern == "/api/v1/shares/{id}/open" ||
        route.pattern == "/api/v1/openapi.yaml" || route.pattern == "/livez" ||
        route.pattern == "/readyz" || route.pattern == "/healthz" ||
        (route.pattern == "/api/v1/uploads" && route.method == Method::options);
    CHECK(open == known_open);
    CHECK(open != route.traits.operation.has_value());
    if (route.method == Method::get) CHECK(route.traits.body == BodyRule::ignored);
  }
}

TEST_CASE("A target finds its route, or what is allowed there", "[http][routes]") {
  const auto find = [](Method method, const std::string& path) {
    return find_route(api().routes, method, *split_path(path));
  };
  CHECK(find(Method::get, "/api/v1/files/anna/a%2Fb/c").parameters ==
        std::vector<std::string>{"anna", "a/b", "c"});
  CHECK(find(Method::head, "/api/v1/files/anna/a").route->method == Method::get);
  CHECK(find(Method::get, "/api/v1/dirs/").route->pattern == "/api/v1/dirs/");
  CHECK(find(Method::get, "/api/v1/dirs/anna").route->pattern == "/api/v1/dirs/{path}");
  CHECK(find(Method::get, "/api/v1/users/anna").parameters == std::vector<std::string>{"anna"});
  CHECK(find(Method::post, "/api/v1/users/anna").allowed == "GET, HEAD, PATCH, DELETE, OPTIONS");
  CHECK(find(Method::get, "/api/v1/auth/login").allowed == "POST, OPTIONS");
  for (const char* path :
       {"/", "/api", "/api/v1", "/api/v1/", "/api/v1/users/", "/api/v1/users/a/b", "/api/v1/files",
        "/API/v1/auth/me", "//api/v1/auth/me", "/livez/"}) {
    INFO(path);
    const auto match = find(Method::get, path);
    CHECK(match.route == nullptr);
    CHECK(match.allowed.empty());
  }
  CHECK_FALSE(split_path("/a%"));
  CHECK(find_route(api().routes, std::nullopt, *split_path("/livez")).allowed ==
        "GET, HEAD, OPTIONS");
}

TEST_CASE("Bearer tokens and media types are read whatever their case", "[http][routes]") {
  const auto token = [](const std::string& field) {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n";
    RequestHead head;
    REQUIRE_FALSE(check_head(text, head));
    return std::string{bearer_token(head)};
  };
  CHECK(token("Authorization: Bearer abc\r\n") == "abc");
  CHECK(token("authorization: bEARER  abc\r\n") == "abc");
  CHECK(token("Authorization: Basic abc\r\n").empty());
  CHECK(token("Authorization: Bearer\r\n").empty());
  CHECK(token("").empty());
  CHECK(is_media_type("Application/JSON; Charset=\"UTF-8\"", "application/json"));
  CHECK_FALSE(is_media_type("application/json; charset=latin1", "application/json"));
  CHECK_FALSE(is_media_type("application/jsonx", "application/json"));
  CHECK_FALSE(is_media_type("", "application/json"));
}

TEST_CASE("A problem tells the code and the rule, never the detail for the operator",
          "[http][problem][spec-21]") {
  Error error = invalid("is required").at("/username");
  error.detail = "SELECT secret";
  const auto response = problem(error, "id-1");
  CHECK(response.status == 400);
  CHECK(response.content_type == "application/problem+json");
  const auto& body = std::get<std::string>(response.body);
  CHECK(body.find("SELECT") == std::string::npos);
  CHECK(body.find(R"("code":"invalid_request")") != std::string::npos);
  CHECK(body.find(R"("errors":[{"pointer":"/username","detail":"is required"}])") !=
        std::string::npos);
  CHECK(problem(Error{.code = Errc::token_expired}, "").headers.find("WWW-Authenticate: Bearer") !=
        std::string::npos);
  CHECK(problem(Error{.code = Errc::rate_limited, .retry_after = std::chrono::seconds{7}}, "")
            .headers == "Retry-After: 7\r\n");
  CHECK(problem(Error{.code = Errc::unavailable}, "").headers == "Retry-After: 1\r\n");
  CHECK(status_of(Errc::digest_mismatch, Protocol::tus) == 460);
  CHECK(status_of(Errc::digest_mismatch, Protocol::http) == 400);
}

TEST_CASE("Metrics name each series once, with labels of ours only", "[http][metrics]") {
  Metrics metrics{"1.2.3"};
  const auto routes = api().routes;
  std::vector<std::string> patterns;
  for (const Route& route : routes) patterns.emplace_back(route.pattern);
  metrics.label_routes(std::move(patterns));
  for (std::size_t i = 0; i < routes.size(); ++i) metrics.on_request("GET", i, 200, 1500);
  metrics.on_request("PROPFIND", Metrics::kNoRoute, 501, 10);
  metrics.on_request("POST", Metrics::kNoRoute, 410, 10);
  metrics.on_request("GET", Metrics::kNoRoute, 299, 10);
  metrics.on_commit_group(3);
  AuditEvent download;
  download.type = EventType::file_access;
  download.action = "download";
  download.details = R"({"file_size":10,"bytes_sent":7})";
  metrics.on_events(std::span{&download, 1});
  const auto text = metrics.text();
  std::set<std::string> seen;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const auto line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('#')) continue;
    INFO(line);
    CHECK(seen.insert(line.substr(0, line.rfind(' '))).second);
  }
  CHECK(text.find("baluhost_transfer_bytes_total{direction=\"out\"} 7\n") != std::string::npos);
  CHECK(
      text.find("baluhost_http_requests_total{method=\"other\",route=\"none\",code=\"501\"} 1\n") !=
      std::string::npos);
  CHECK(text.find("{method=\"POST\",route=\"none\",code=\"410\"} 1\n") != std::string::npos);
  CHECK(text.find("{method=\"GET\",route=\"none\",code=\"other\"} 1\n") != std::string::npos);
  CHECK(text.find("baluhost_audit_events_total{event_type=\"FILE_ACCESS\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("baluhost_commit_group_size_bucket{le=\"4\"} 1\n") != std::string::npos);
  CHECK(text.find("baluhost_build_info{version=\"1.2.3\"} 1\n") != std::string::npos);
}
