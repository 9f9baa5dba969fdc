#pragma once

#include "baluhost/domain/ids.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// Numbers of transfers, kept as ranges: those under way are nearly one, and a list of them that
/// somebody wrote by hand names no more than it is long.
class TransferSet {
 public:
  /// What `text` wrote; none for any other text.
  static std::optional<TransferSet> parse(std::string_view text);

  /// "5,17-40", in order; empty for none.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] bool contains(TransferId id) const;
  [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }

  /// The first of them, and the last that follows it without a gap. Not of an empty set.
  [[nodiscard]] std::pair<TransferId, TransferId> first_range() const;

  /// Adds all from `first` to `last`, of which none is there yet.
  void add(TransferId first, TransferId last);

  /// False if it is not there.
  bool remove(TransferId id);

  /// Removes those from `first` to `last` that are there.
  void remove(TransferId first, TransferId last);

 private:
  /// By their first numbers, their last.
  std::map<TransferId, TransferId> ranges_;
};

} // namespace baluhost
