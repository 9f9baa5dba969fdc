#pragma once

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/small_disk.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace baluhost::test {

inline unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::lstat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

struct BlobDirectory {
  struct Options {
    bool sha1{false};
    bool unnamed_files{true};
  };

  BlobDirectory() = default;
  explicit BlobDirectory(const std::string& parent) : root(parent + "/blobs") {}

  std::unique_ptr<BlobStore> open(Options options) {
    return make_directory_blob_store({root, options.sha1, options.unnamed_files}, *digester,
                                     *random, clock)
        .value();
  }
  std::unique_ptr<BlobStore> open() { return open({}); }

  static Content put(BlobStore& store, std::string_view bytes) {
    auto writer = store.create().value();
    if (!writer->write(bytes)) throw std::runtime_error("cannot write");
    return writer->publish().value();
  }

  [[nodiscard]] std::filesystem::path path_of(const BlobId& id) const {
    return std::filesystem::path(root) / id.value.substr(0, 2) / id.value;
  }

  [[nodiscard]] std::vector<std::filesystem::path> regular_files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  TemporaryDirectory directory;
  std::string root = directory / "blobs";
  std::unique_ptr<Digester> digester = make_openssl_digester();
  std::unique_ptr<RandomSource> random = make_openssl_random();
  ManualClock clock;
};

inline std::string read_all(const BlobStore& store, const BlobId& id) {
  const auto reader = store.open(id).value();
  std::string bytes(static_cast<std::size_t>(reader->size()), '\0');
  if (reader->read_at(0, bytes).value() != bytes.size()) throw std::runtime_error("cannot read");
  return bytes;
}

} // namespace baluhost::test
