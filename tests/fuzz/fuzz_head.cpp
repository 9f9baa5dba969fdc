#include "fields/head_check.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace baluhost::http;

/// What passes must be beyond doubt, and must not depend on how it arrived.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view received{reinterpret_cast<const char*>(data), size};
  HeadScan whole;
  received.remove_prefix(whole.skip(received));
  if (whole.skip(received) != 0) std::abort();
  whole.look(received);
  HeadScan stepwise;
  stepwise.skipped = whole.skipped;
  for (std::size_t i = 1; i <= received.size() && !stepwise.end && !stepwise.refusal; ++i)
    stepwise.look(received.substr(0, i));
  if (whole.end && whole.end != stepwise.end) std::abort();
  if (!whole.end) return 0;
  const std::string text{received.substr(0, *whole.end)};
  RequestHead head;
  if (check_head(text, head)) return 0;
  if (head.chunked && (head.content_length || head.minor_version == 0)) std::abort();
  if (head.count() > HeadLimits::fields || head.path.empty() ||
      head.path.size() + head.query.size() > HeadLimits::target)
    std::abort();
  if (head.path.front() != '/' && (head.path != "*" || head.method != "OPTIONS")) std::abort();
  if (head.minor_version == 1 && !is_valid_host(head.host)) std::abort();
  for (const auto part : {head.path, head.query})
    for (const char c : part)
      if (c <= 0x20 || c >= 0x7f) std::abort();
  for (const char* name : {"authorization", "cookie", "x-forwarded-for", "content-type", "range"})
    for (const char c : head.field(name))
      if (c == '\r' || c == '\n' || c == '\0') std::abort();
  return 0;
}
