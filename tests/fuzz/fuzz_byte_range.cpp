// A range lies within the content, whatever the header says.
#include "baluhost/domain/files/byte_range.hpp"
#include "fuzz.hpp"

#include <limits>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace baluhost;
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{1}, std::int64_t{1000},
                                    std::numeric_limits<std::int64_t>::max()}) {
    const auto range = ByteRange::parse(fuzz_text(data, size), length);
    if (!range) {
      BALUHOST_PROMISE(range.error().code == Errc::range_not_satisfiable);
    } else if (*range) {
      BALUHOST_PROMISE((*range)->first >= 0 && (*range)->first <= (*range)->last &&
                       (*range)->last < length);
      BALUHOST_PROMISE((*range)->length() > 0);
    }
  }
  return 0;
}
