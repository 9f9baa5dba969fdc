#pragma once

#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

/// The JSON object of a request, read strictly (RFC 8259, I-JSON): valid UTF-8, no U+0000, no
/// member twice or unknown, at most 32 deep, nothing after it. Errors are invalid_request with the
/// pointer of the offending member.
class JsonReader {
 public:
  /// `members`: the known ones, separated by blanks.
  static Result<JsonReader> parse(std::string_view body, std::string_view members);
  JsonReader(JsonReader&&) noexcept;
  ~JsonReader();

  /// With whatever value.
  [[nodiscard]] bool has(std::string_view member) const;
  [[nodiscard]] bool is_null(std::string_view member) const;

  /// Required.
  [[nodiscard]] Result<std::string> text(std::string_view member) const;

  [[nodiscard]] Result<bool> flag(std::string_view member, bool if_absent) const;

  /// Not null.
  [[nodiscard]] Result<std::optional<std::string>> optional_text(std::string_view member) const;

  [[nodiscard]] Result<std::optional<bool>> optional_flag(std::string_view member) const;

  /// A whole number that is not negative.
  [[nodiscard]] Result<std::optional<std::int64_t>> optional_size(std::string_view member) const;

  /// Required, an array of text.
  [[nodiscard]] Result<std::vector<std::string>> texts(std::string_view member) const;

 private:
  struct State;
  explicit JsonReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

} // namespace baluhost::http
