#include "baluhost/domain/text.hpp"
#include "fields/json_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace baluhost;

/// What a getter returns is clean text; what it refuses names a member.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  const auto json = http::JsonReader::parse(body, "a b c");
  if (json && body.find('\0') != std::string_view::npos) std::abort();
  if (!json)
    return json.error().code == Errc::invalid_request && !json.error().fields.empty()
               ? 0
               : (std::abort(), 0);
  if (const auto text = json->text("a");
      text && (!is_valid_utf8(*text) || text->find('\0') != std::string::npos))
    std::abort();
  if (const auto number = json->optional_size("b"); number && *number && **number < 0) std::abort();
  (void)json->texts("c");
  (void)json->optional_flag("a");
  return 0;
}
