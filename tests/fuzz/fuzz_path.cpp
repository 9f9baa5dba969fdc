// A path that is accepted keeps the rules of names, and is the same path when it is read again.
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/text.hpp"
#include "fuzz.hpp"

#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  const auto text = fuzz_text(data, size);
  (void)media_type_of(text);
  const auto path = FilePath::parse(text);
  if (!path) {
    BALUHOST_PROMISE(path.error().code == Errc::invalid_request);
    return 0;
  }
  std::vector<std::string> segments;
  for (const auto& segment : path->segments()) {
    const auto& name = segment.str();
    BALUHOST_PROMISE(!name.empty() && name.size() <= 255 && is_valid_utf8(name) &&
                     !has_control_or_bidi(name));
    BALUHOST_PROMISE(name != "." && name != ".." && name.find_first_of("/\\") == std::string::npos);
    BALUHOST_PROMISE(name.back() != '.' && name.back() != ' ' && name.front() != ' ');
    BALUHOST_PROMISE(*to_nfc(name) == name);
    segments.push_back(name);
  }
  BALUHOST_PROMISE(segments.size() <= 64 && code_points(path->str()) <= 1000);
  BALUHOST_PROMISE(*FilePath::parse(path->str()) == *path);
  BALUHOST_PROMISE(*FilePath::from_segments(segments) == *path);
  BALUHOST_PROMISE(path->parent().contains(*path));
  return 0;
}
