#include "archives/zip_layout.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

using namespace baluhost;

namespace {

/// The little-endian number of `size` bytes at `at`.
std::uint64_t number(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;)
    value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i));
  return value;
}

constexpr std::int64_t k20Gigabytes = 20'000'000'000;
constexpr Timestamp kTime{1'795'488'871'123'456}; // 2026-11-24T02:54:31Z

} // namespace

TEST_CASE("The header of a small file has its sizes, its checksum and its time") {
  const auto header = zip::local_header(
      {.name = "a.txt", .size = 5, .crc32 = 0x3610a686, .modified_at = kTime, .offset = 0});
  CHECK(header.size() == 30 + 5 + 9);
  CHECK(number(header, 0, 4) == 0x04034b50);
  CHECK(number(header, 6, 2) == 0x0800);
  CHECK(number(header, 8, 2) == 0);
  CHECK(number(header, 10, 2) == ((2 << 11) | (54 << 5) | 15));
  CHECK(number(header, 12, 2) == ((46 << 9) | (11 << 5) | 24));
  CHECK(number(header, 14, 4) == 0x3610a686);
  CHECK(number(header, 18, 4) == 5);
  CHECK(number(header, 22, 4) == 5);
  CHECK(header.substr(30, 5) == "a.txt");
  CHECK(number(header, 35, 2) == 0x5455);
  CHECK(number(header, 40, 4) == 1'795'488'871);
}

TEST_CASE("Sizes and places beyond 32 bits stand in the ZIP64 fields") {
  const zip::Item large{.name = "x", .size = k20Gigabytes, .modified_at = kTime, .offset = 7};
  const auto local = zip::local_header(large);
  CHECK(number(local, 4, 2) == 45);
  CHECK(number(local, 18, 4) == 0xFFFFFFFF);
  CHECK(number(local, 31, 2) == 1);
  CHECK(number(local, 33, 2) == 16);
  CHECK(number(local, 35, 8) == k20Gigabytes);
  CHECK(number(local, 43, 8) == k20Gigabytes);
  const auto central = zip::central_header(large);
  CHECK(number(central, 42, 4) == 7);
  CHECK(number(central, 49, 2) == 16);

  const zip::Item late{.name = "x", .size = 1, .modified_at = kTime, .offset = k20Gigabytes};
  CHECK(number(zip::local_header(late), 4, 2) == 20);
  const auto of_late = zip::central_header(late);
  CHECK(number(of_late, 42, 4) == 0xFFFFFFFF);
  CHECK(number(of_late, 49, 2) == 8);
  CHECK(number(of_late, 51, 8) == k20Gigabytes);

  const zip::Item least{.name = "x", .size = 0xFFFFFFFF, .modified_at = kTime, .offset = 0};
  CHECK(number(zip::local_header(least), 4, 2) == 45);
  const zip::Item most{.name = "x", .size = 0xFFFFFFFE, .modified_at = kTime, .offset = 0};
  CHECK(number(zip::local_header(most), 4, 2) == 20);
}

TEST_CASE("The length of a header follows from everything but the checksum") {
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{1}, k20Gigabytes}) {
    zip::Item item{.name = "x", .size = size, .modified_at = kTime, .offset = size};
    const auto local = zip::local_header(item).size();
    const auto central = zip::central_header(item).size();
    item.crc32 = 0xFFFFFFFF;
    CHECK(zip::local_header(item).size() == local);
    CHECK(zip::central_header(item).size() == central);
  }
}

TEST_CASE("Times that the fields cannot hold are the nearest they can") {
  const auto header = [](Timestamp at) {
    return zip::local_header({.name = "x", .modified_at = at, .offset = 0});
  };
  CHECK(number(header(Timestamp{0}), 12, 2) == ((1 << 5) | 1));
  CHECK(header(Timestamp{0}).size() == 30 + 1 + 9);
  const Timestamp far{std::int64_t{4'500'000'000} * 1'000'000}; // 2112
  CHECK(number(header(far), 12, 2) == ((127 << 9) | (12 << 5) | 31));
  CHECK(header(far).size() == 30 + 1);
}

TEST_CASE("The end has its ZIP64 forms from 65,535 entries on, or 4 GiB") {
  CHECK(zip::end_records({.entries = 65'534, .directory_offset = 10, .directory_size = 5}, "ab")
            .size() == 24);
  const auto many =
      zip::end_records({.entries = 65'535, .directory_offset = 10, .directory_size = 5}, "");
  CHECK(many.size() == 56 + 20 + 22);
  CHECK(number(many, 32, 8) == 65'535);
  CHECK(number(many, 56 + 8, 8) == 15);
  CHECK(number(many, 76 + 10, 2) == 0xFFFF);
  const auto far =
      zip::end_records({.entries = 1, .directory_offset = k20Gigabytes, .directory_size = 5}, "");
  CHECK(number(far, 48, 8) == k20Gigabytes);
  CHECK(number(far, 76 + 16, 4) == 0xFFFFFFFF);
  CHECK(number(far, 76 + 10, 2) == 1);
}
