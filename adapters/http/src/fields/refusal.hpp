#pragma once

#include <string>
#include <string_view>

namespace baluhost::http {

/// A refusal that only HTTP knows, of a head that breaks its rules for one; what the core refuses
/// is an `Error`.
struct Refusal {
  int status{400};
  std::string_view code{"invalid_request"};

  /// For the client.
  std::string_view detail;

  /// Complete lines.
  std::string headers{};
};

} // namespace baluhost::http
