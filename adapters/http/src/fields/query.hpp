#pragma once

#include "baluhost/core/page.hpp"
#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost::http {

/// The query string of a request: every parameter known, none twice, values valid UTF-8 without
/// control characters.
class Query {
 public:
  /// `allowed`: the known names, separated by blanks. invalid_request at the parameter's name.
  static Result<Query> parse(std::string_view raw, std::string_view allowed);

  [[nodiscard]] std::optional<std::string> text(std::string_view name) const;

  /// "true" or "false"; false where it is left out.
  [[nodiscard]] Result<bool> flag(std::string_view name) const;
  [[nodiscard]] Result<std::optional<bool>> optional_flag(std::string_view name) const;

  /// 0 and more.
  [[nodiscard]] Result<std::optional<std::int64_t>> number(std::string_view name) const;

  /// Of `limit` and `cursor`.
  [[nodiscard]] Result<PageRequest> page() const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

} // namespace baluhost::http
