#pragma once

#include "baluhost/domain/files/directory_order.hpp"
#include "baluhost/sql_common/columns.hpp"

namespace baluhost::sql {

/// The entries of one kind in a directory, `?`, in one order.
struct SortedEntries {
  FileKind kind;
  DirectoryOrder order;

  /// Whether something is compared before the name.
  [[nodiscard]] bool has_value() const noexcept;

  /// Whether names come backwards.
  [[nodiscard]] bool is_backwards() const noexcept;

  /// After a value, if there is one, and a name; at most so many.
  [[nodiscard]] Query after_place() const;

  /// Of one value, after a name; at most so many.
  [[nodiscard]] Query of_value() const;

  /// Of lower values than one, and of that one where it is `inclusive`, the highest first, names of
  /// one value backwards; at most so many.
  [[nodiscard]] Query down_from_value(bool inclusive) const;
};

} // namespace baluhost::sql
