#pragma once

#include "fields/http_names.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost::http {

/// A web origin (RFC 6454), compared as one however it was spelled: the host in small letters, an
/// address in its canonical form, the port always there.
struct Origin {
  Scheme scheme{Scheme::http};

  /// An IPv6 address stands in brackets.
  std::string host;
  int port{};

  /// Of `http://host[:port]` or `https://host[:port]`, nothing after it; none for anything else.
  static std::optional<Origin> parse(std::string_view text);

  /// Of the scheme and what a Host field says; none where that is malformed.
  static std::optional<Origin> of(Scheme scheme, std::string_view authority);

  /// As browsers write it: without the scheme's own port.
  [[nodiscard]] std::string str() const;
  bool operator==(const Origin&) const = default;
};

} // namespace baluhost::http
