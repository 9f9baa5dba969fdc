#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/ports/blob_store.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace baluhost {

/// Space that is set aside on a file system for the time when it is full: a few files beside the
/// database, with blocks, whose removal frees bytes and inodes. An eighth of the file system, 16
/// MiB at most. Several processes may use one. Safe from many threads.
class SpaceReserve {
 public:
  static constexpr std::int64_t kMostBytes = std::int64_t{16} << 20;
  static constexpr int kPieces = 4;

  /// The reserve of the pieces `path`-0, `path`-1, …; makes nothing.
  explicit SpaceReserve(std::string path);

  /// unavailable: the file system does not answer.
  [[nodiscard]] Result<StorageSpace> space() const;

  /// What it is to hold on a file system of this size.
  [[nodiscard]] static std::int64_t target(const StorageSpace& space) noexcept;

  /// What it holds now.
  [[nodiscard]] std::int64_t held() const noexcept;

  /// Frees a piece; false if none is left.
  bool release() noexcept;

  /// Makes the pieces that are missing, as far as there is room for them and each leaves
  /// `min_free_bytes` free. unavailable: they cannot be made for another reason.
  [[nodiscard]] Result<void> keep(std::int64_t min_free_bytes);

  /// Frees pieces until there is what a database needs to be opened, as far as there are any.
  void make_room_to_open() noexcept;

 private:
  [[nodiscard]] std::string piece(int number) const { return path_ + "-" + std::to_string(number); }
  const std::string path_;
  const std::string directory_;
};

} // namespace baluhost
