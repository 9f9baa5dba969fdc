#pragma once

#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <sys/stat.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

/// A directory of keys, and a look at its files.
namespace baluhost::key_test {

namespace fs = std::filesystem;

struct Keys {
  test::TemporaryDirectory directory;
  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::string path = directory / "keys";

  auto open(KeyDirectory::Missing missing = KeyDirectory::Missing::create) {
    return KeyDirectory::open(path, missing, *random, clock);
  }
  std::vector<fs::path> files(const std::string& prefix) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().filename().string().rfind(prefix, 0) == 0) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
  }
};

inline unsigned mode_of(const fs::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

inline std::string contents(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void overwrite(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

inline std::vector<std::string> kids(const KeyDirectory& keys, KeyKind kind) {
  std::vector<std::string> found;
  for (const auto& key : keys.list()) {
    if (key.kind == kind) found.push_back(key.kid);
  }
  return found;
}

} // namespace baluhost::key_test
