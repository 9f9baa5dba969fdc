#pragma once

#include "access/path_access.hpp"
#include "archives/archive_layout.hpp"
#include "baluhost/core/archives/archive_service.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// Makes one archive: takes down what is there, a few hundred entries in each transaction. One
/// thread at a time.
class ArchiveMaker {
 public:
  ArchiveMaker(const ArchiveService::Dependencies& deps, PathGate& gate, const Principal& principal,
               const ArchiveRequest& request)
      : deps_(deps), gate_(gate), principal_(principal), request_(request) {}

  [[nodiscard]] Result<Archive> make();

  /// What is being looked at, for the event of a failure.
  [[nodiscard]] const std::string& at() const noexcept { return at_; }

 private:
  /// Directories whose contents are taken down at once, by offset.
  using Directories = std::vector<ArchiveEntry>;

  Result<Archive> draft() const;
  Result<void> check_use(ReadTransaction& tx) const;
  Result<ArchiveLayout> begin();
  Result<std::vector<ArchiveEntry>> take_roots(Bookkeeping& tx, ArchiveLayout& layout);
  Result<void> take_trees(ArchiveLayout& layout);
  Result<bool> take_all_of(const Directories& directories, ArchiveLayout& layout);
  Result<void> take_large(const ArchiveEntry& directory, ArchiveLayout& layout);
  Result<void> keep(Bookkeeping& tx, const ArchiveLayout& layout,
                    const std::vector<ArchiveEntry>& entries) const;
  [[nodiscard]] std::vector<FilePath> homes() const;

  const ArchiveService::Dependencies& deps_;
  PathGate& gate_;
  const Principal& principal_;
  const ArchiveRequest& request_;
  std::string at_;
};

} // namespace baluhost
