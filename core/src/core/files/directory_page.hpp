#pragma once

#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/directory_order.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/ports/database.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// One page of a directory: by name, or in an order. A cursor belongs to its directory and order.
class DirectoryPage {
 public:
  /// invalid_request at "/cursor".
  static Result<DirectoryPage> parse(const FilePath& directory, const PageRequest& request,
                                     const std::optional<DirectoryOrder>& order);

  /// One entry more than the page has room for, if there is one.
  [[nodiscard]] Result<std::vector<FileEntry>> read(ReadTransaction& tx, FileId directory) const;

  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

  /// What its cursors belong to.
  [[nodiscard]] const std::string& list() const noexcept { return list_; }

  /// What a cursor after `entry` holds.
  [[nodiscard]] std::string key_of(const FileEntry& entry) const;

 private:
  DirectoryPage(std::string list, std::size_t limit, std::optional<DirectoryOrder> order)
      : list_(std::move(list)), limit_(limit), order_(order) {}

  std::string list_;
  std::size_t limit_;
  std::optional<DirectoryOrder> order_;
  std::optional<SortedPlace> after_; ///< by name its name alone
};

} // namespace baluhost
