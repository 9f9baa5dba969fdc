#pragma once

#include "program.hpp"

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <filesystem>

namespace baluhost::ctl {

struct BackupFigures {
  std::int64_t blobs{};
  std::int64_t bytes{};
  std::int64_t newest_event{};
};

/// Writes into `directory`, new or empty: the database as it is at one moment, the list of the
/// blobs that it refers to, the anchor and the keys; with `with_blobs` the blobs too. The server
/// may run. Recorded as `backup_created`.
Result<BackupFigures> back_up(Program& program, const std::filesystem::path& directory,
                              bool with_blobs);

} // namespace baluhost::ctl
