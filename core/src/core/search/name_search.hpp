#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/files/file_info.hpp"
#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/ports/database.hpp"
#include "search/search_position.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace baluhost {

struct SearchResult {
  FileInfo info;
  SearchPosition position;
};

struct SearchPage {
  std::vector<SearchResult> results;
  std::optional<SearchPosition> next; ///< after which results go on; none: these are the last
};

/// One search for one caller, in one transaction.
class NameSearch {
 public:
  /// `root`: what results are or lie below; none: anywhere.
  NameSearch(ReadTransaction& tx, const Principal& principal, NameQuery query,
             std::optional<FileEntry> root)
      : tx_(tx), principal_(principal), query_(std::move(query)), root_(std::move(root)) {}

  /// What the caller may read of what matches, by relevance, then by path. Where too many match,
  /// this is the order of each window, and there may be fewer than `limit` before the last page.
  [[nodiscard]] Result<SearchPage> find(const std::optional<SearchPosition>& after,
                                        std::size_t limit);

 private:
  struct Found {
    SearchWindow window; ///< with both its ends
    std::vector<SearchResult> results;
    bool is_last{false}; ///< nothing that matches comes after it
  };

  Result<void> look_where();
  Result<Found> read(SearchWindow window);
  static Result<Found> rest_of(Found found);
  std::vector<SearchResult> ordered(const SearchWindow& window, std::vector<FileInfo> infos) const;
  Result<std::vector<FileInfo>> readable(std::vector<FileEntry> entries);
  Result<void> look_up(const std::vector<FileEntry>& entries);
  [[nodiscard]] bool lies_in(const FileEntry& entry, FileId root) const;
  [[nodiscard]] std::optional<FilePath> path_of(const FileEntry& entry) const;

  ReadTransaction& tx_;
  const Principal& principal_;
  NameQuery query_;
  std::optional<FileEntry> root_;
  SearchSpace space_;
  std::map<FileId, FileEntry> directories_; ///< above what was read
  std::set<FileId> missing_;                ///< directories that are in no home
  std::size_t read_{0};
};

} // namespace baluhost
