#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/text.hpp"
#include "fields/query.hpp"
#include "routes/route_table.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace baluhost;
using namespace baluhost::http;

/// A request target: its path, the file path that it may name, and its query.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view target{reinterpret_cast<const char*>(data), size};
  const auto mark = target.find('?');
  const auto path = "/" + std::string{target.substr(0, mark)};
  if (const auto segments = split_path(path)) {
    (void)find_route(api().routes, Method::get, *segments);
    if (const auto file = FilePath::from_segments(*segments)) {
      if (file->str().find("/../") != std::string::npos ||
          file->str().find('\0') != std::string::npos || file->segments().size() > 64)
        std::abort();
      if (!FilePath::parse(file->str())) std::abort();
    }
  }
  if (mark == std::string_view::npos) return 0;
  const auto query = Query::parse(target.substr(mark + 1), "limit cursor flag");
  if (!query) return 0;
  if (const auto page = query->page(); page && (page->limit < 1 || page->limit > 1000))
    std::abort();
  if (const auto cursor = query->text("cursor"); cursor && !is_valid_utf8(*cursor)) std::abort();
  (void)query->flag("flag");
  return 0;
}
