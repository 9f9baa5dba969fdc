#pragma once

#include "baluhost/http/server.hpp"

namespace baluhost {

/// The server's messages and requests as lines of the program's log.
class LogToSpdlog final : public HttpLog {
 public:
  void message(LogLevel level, std::string_view text) override;
  void access(const AccessEntry& entry) override;
};

} // namespace baluhost
