#pragma once

#include "baluhost/domain/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

/// Which other origins' pages may read answers (the Fetch standard's CORS protocol): those on an
/// exact list, with credentials, and no others.
class Cors {
 public:
  /// In whatever spelling: they are compared as browsers write them. invalid_request for what is no
  /// origin: `*`, `null`, a path.
  static Result<Cors> parse(const std::vector<std::string>& origins);

  [[nodiscard]] bool allows(std::string_view origin) const noexcept;

  /// The header lines for an answer to a request with this Origin (null data: none).
  void add_headers(std::string& out, std::string_view origin) const;

  /// The further lines for a preflight; `methods` as in Allow.
  void add_preflight(std::string& out, std::string_view origin, std::string_view methods) const;

 private:
  /// As browsers write them.
  std::vector<std::string> origins_;
};

} // namespace baluhost::http
