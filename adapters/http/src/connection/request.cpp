#include "connection/request.hpp"

#include "baluhost/domain/hex.hpp"
#include "fields/http_names.hpp"

#include <algorithm>
#include <random>

namespace baluhost::http {
namespace {

bool is_request_id(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
  });
}

} // namespace

std::string make_request_id() {
  thread_local std::mt19937_64 numbers{std::random_device{}()};
  std::string id;
  append_hex(id, numbers(), 16);
  return id;
}

std::string request_id_of(const RequestHead& head) {
  const auto id = head.field("x-request-id");
  return is_request_id(id) ? std::string{id} : make_request_id();
}

std::string_view method_of(const RequestHead& head, const RouteTable& table,
                           std::span<const std::string> segments) {
  const auto named = head.field("x-http-method-override");
  const auto below = table.method_override_below;
  const bool counts = !below.empty() && segments.size() >= below.size() &&
                      std::ranges::equal(segments.first(below.size()), below);
  return named.data() != nullptr && counts ? named : head.method;
}

} // namespace baluhost::http
