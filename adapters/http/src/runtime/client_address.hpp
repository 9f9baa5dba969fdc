#pragma once

#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

/// The proxies whose word about the client's address is believed.
class TrustedProxies {
 public:
  /// Of addresses and CIDRs. invalid_request.
  static Result<TrustedProxies> parse(const std::vector<std::string>& list);
  [[nodiscard]] bool trusts(const IpAddress& address) const noexcept;

  /// The client: the peer, or, as long as the address found so far is trusted, the next one of
  /// X-Forwarded-For from the right. What cannot be read ends the walk.
  [[nodiscard]] IpAddress client_of(const IpAddress& peer, std::string_view forwarded_for) const;

 private:
  std::vector<IpNetwork> networks_;
};

} // namespace baluhost::http
