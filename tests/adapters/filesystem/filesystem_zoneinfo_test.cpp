#include "baluhost/filesystem/zoneinfo.hpp"

#include "filesystem_fixture.hpp"

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <random>

using namespace baluhost;

namespace {

/// What the C library says of the zone that is set; before 2037 it has all from the same files.
long offset_by_libc(std::time_t second) {
  std::tm local{};
  REQUIRE(::localtime_r(&second, &local) != nullptr);
  return local.tm_gmtoff;
}

} // namespace

TEST_CASE("every time zone of the machine has the offsets that the C library sees") {
  const auto zones = make_zoneinfo();
  const std::filesystem::path root = "/usr/share/zoneinfo";
  REQUIRE(std::filesystem::exists(root / "Europe/Berlin"));
  std::minstd_rand random(5);
  int found = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto name = entry.path().lexically_relative(root).string();
    if (!entry.is_regular_file() || !TimeZone::is_name(name)) continue;
    const auto zone = zones->find(name);
    INFO(name);
    REQUIRE(zone);
    ++found;
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
    std::string wrong;
    for (int i = 0; i < 400; ++i) {
      // From 1900 to 2200.
      const auto second =
          static_cast<std::int64_t>(random() * 4ULL % 9'467'000'000ULL) - 2'208'988'800;
      if (zone->offset_at(second) != offset_by_libc(second)) wrong += std::to_string(second) + " ";
    }
    CHECK(wrong.empty());
  }
  ::unsetenv("TZ");
  ::tzset();
  CHECK(found > 300);
}

TEST_CASE("what is no time zone of the directory is not found") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path().string();
  std::ofstream{path + "/Text"} << "no time zone";
  std::ofstream{path + "/Large"} << std::string(300'000, 'x');
  std::filesystem::create_directory(path + "/Folder");
  const auto zones = make_zoneinfo(path);
  for (const char* name : {"Text", "Large", "Folder", "None", "Folder/None", "Text/None", "../Text",
                           "", "/Text", "Folder/../Text"}) {
    INFO(name);
    const auto zone = zones->find(name);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().code == Errc::not_found);
  }
  CHECK_FALSE(make_zoneinfo(path + "/gone")->find("UTC"));
}
