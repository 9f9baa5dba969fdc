#pragma once

#include "baluhost/test/temporary_directory.hpp"

#include <sys/mount.h>
#include <catch2/catch.hpp>

#include <string>

namespace baluhost::test {

/// A tmpfs of its own, mounted as long as the object lives; where the test may not mount, it says
/// so and is not mounted.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options)
      : mounted_(::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, options) == 0) {
    if (!mounted_) WARN("a tmpfs cannot be mounted here: a full disk is not tested");
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  [[nodiscard]] std::string path() const { return directory_.path().string(); }

 private:
  TemporaryDirectory directory_;
  bool mounted_;
};

} // namespace baluhost::test
