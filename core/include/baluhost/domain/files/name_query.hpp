#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What is compared of a name, or of words: without case, accents and spelling (Unicode NFKC, case
/// folded, marks left out). Never empty for a text that is not.
std::string search_key(std::string_view text);

/// What a search asks of entries; all of it has to be true. Times and sizes are inclusive, but
/// `modified_to`.
struct NameQuery {
  /// Of what matches: names that are the text, that begin with it, or that do neither.
  enum class Part { all, whole_name, beginning, rest };

  std::string text;               ///< the words as a key, with a blank between them
  std::vector<std::string> words; ///< parts of keys, each once
  Part part{Part::all};
  std::optional<FileKind> kind{};
  std::optional<Timestamp> modified_from{};
  std::optional<Timestamp> modified_to{};
  std::optional<std::int64_t> min_size{}; ///< of files
  std::optional<std::int64_t> max_size{};

  /// With the words of `text`, which blanks separate. invalid_request: there is no letter or digit
  /// in it, or it has more than 255 characters.
  static Result<NameQuery> parse(std::string_view text);

  /// The part that a name with `key` belongs to.
  [[nodiscard]] Part part_of(std::string_view key) const noexcept;

  /// Whether `entry` is what it looks for.
  [[nodiscard]] bool matches(const FileEntry& entry) const;
};

/// Where a search looks: in homes, and in trees, their roots included.
struct SearchSpace {
  bool all_homes{false};
  std::vector<UserId> owners{}; ///< of homes
  std::vector<FileId> trees{};
};

} // namespace baluhost
