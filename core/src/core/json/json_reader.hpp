#pragma once

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Reads the JSON that we write ourselves (exports with seals, inclusion proofs), strictly: RFC
/// 8259, valid UTF-8, at most 64 levels deep, no name twice, no unknown name. Values stay slices of
/// the text, so that `details` come back byte for byte. Every error is invalid_request.
namespace baluhost {

/// True if `text` is one JSON object without control characters: fit for a line, and for a member
/// of another object.
[[nodiscard]] bool is_json_object_line(std::string_view text) noexcept;

/// The elements of a JSON array.
[[nodiscard]] Result<std::vector<std::string_view>> read_json_array(std::string_view text);
[[nodiscard]] Result<std::string> read_json_text(std::string_view value);

/// The members of a JSON object, each to be taken once. Refers to the text.
class JsonMembers {
 public:
  static Result<JsonMembers> read(std::string_view text);

  [[nodiscard]] bool has(std::string_view name) const noexcept;

  /// The value as it stands there.
  [[nodiscard]] Result<std::string_view> json(std::string_view name);
  [[nodiscard]] Result<std::string_view> object(std::string_view name);
  [[nodiscard]] Result<std::string> text(std::string_view name);
  [[nodiscard]] Result<std::optional<std::string>> text_or_null(std::string_view name);
  [[nodiscard]] Result<std::int64_t> integer(std::string_view name);
  [[nodiscard]] Result<std::optional<std::int64_t>> integer_or_null(std::string_view name);
  [[nodiscard]] Result<bool> boolean(std::string_view name);

  /// Fails if a member was not taken: nothing vouches for it.
  [[nodiscard]] Result<void> nothing_left() const;

 private:
  struct Member {
    std::string_view name; ///< as it stands there: our own names have no escapes
    std::string_view value;
  };
  std::vector<Member> members_;
};

} // namespace baluhost
