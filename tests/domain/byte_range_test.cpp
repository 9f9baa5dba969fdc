#include "baluhost/domain/files/byte_range.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

TEST_CASE("a range of existing bytes is cut to what there is") {
  struct Row {
    const char* header;
    std::int64_t size, first, last;
  };
  const auto row =
      GENERATE(Row{"bytes=0-0", 10, 0, 0}, Row{"bytes=0-9", 10, 0, 9}, Row{"bytes=0-99", 10, 0, 9},
               Row{"bytes=3-", 10, 3, 9}, Row{"bytes=9-", 10, 9, 9}, Row{"bytes=-1", 10, 9, 9},
               Row{"bytes=-10", 10, 0, 9}, Row{"bytes=-99", 10, 0, 9}, Row{"BYTES=2-4", 10, 2, 4},
               Row{" bytes= 2-4 ", 10, 2, 4}, Row{"bytes=,2-4,", 10, 2, 4},
               Row{"bytes=00002-04", 10, 2, 4}, Row{"bytes=0-99999999999999999999999", 10, 0, 9},
               Row{"bytes=-99999999999999999999999", 10, 0, 9},
               Row{"bytes=5-", 9223372036854775807, 5, 9223372036854775806});
  CAPTURE(row.header);
  const auto range = ByteRange::parse(row.header, row.size);
  REQUIRE(range);
  REQUIRE(*range);
  CHECK(**range == ByteRange{row.first, row.last});
  CHECK((*range)->length() == row.last - row.first + 1);
}

TEST_CASE("a header that is no single range of bytes is ignored") {
  const auto* header =
      GENERATE("", "bytes", "bytes=", "bytes= ", "bytes=,", "items=0-1", "bytes 0-1", "bytes=5-3",
               "bytes=-", "bytes=a-b", "bytes=1-b", "bytes=+1-2", "bytes=-1-2", "bytes=1--2",
               "bytes=0x1-2", "bytes=1 - 2", "bytes=1.5-2", "bytes=0-1,3-4", "bytes=0-1,-1",
               "bytes=1-2 3", "byte=0-1", "bytes =0-1");
  CAPTURE(header);
  const auto range = ByteRange::parse(header, 10);
  REQUIRE(range);
  CHECK_FALSE(*range);
}

TEST_CASE("a range after the end cannot be satisfied") {
  struct Row {
    const char* header;
    std::int64_t size;
  };
  const auto row =
      GENERATE(Row{"bytes=10-", 10}, Row{"bytes=10-11", 10}, Row{"bytes=99999999999999999999-", 10},
               Row{"bytes=-0", 10}, Row{"bytes=0-", 0}, Row{"bytes=0-0", 0}, Row{"bytes=-0", 0});
  CAPTURE(row.header);
  REQUIRE_FALSE(ByteRange::parse(row.header, row.size));
  CHECK(ByteRange::parse(row.header, row.size).error().code == Errc::range_not_satisfiable);
}

TEST_CASE("the last bytes of an empty file are the whole file") {
  CHECK_FALSE(*ByteRange::parse("bytes=-5", 0));
}
