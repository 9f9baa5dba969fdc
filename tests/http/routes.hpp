#pragma once

#include "wire.hpp"

#include <string>
#include <vector>

// The operations of the OpenAPI document, for tests that walk all of them.
namespace baluhost::test {

struct Operation {
  /// With its placeholders.
  std::string path;
  std::string method;
};

/// The operations of the OpenAPI document that the server serves.
std::vector<Operation> operations(const Server& server);

/// A user's own file, directory, upload, archive, session, key, share and event, for a route's
/// placeholders.
struct Place {
  explicit Place(const Server& server);
  /// Waits until the event is sealed, where that matters.
  [[nodiscard]] std::string target(const Operation& operation);

  Api api;
  std::string upload;
  std::string key;
  std::string archive;
  std::string share;
  std::string trash;
  std::string event;
};

} // namespace baluhost::test
