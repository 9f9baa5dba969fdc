#pragma once

#include "baluhost/domain/error.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace baluhost {

/// The error with what was attempted in front of its detail: a person reads it, not a program.
inline Error explained(Error error, std::string_view attempt) {
  std::string reason = error.detail;
  if (reason.empty())
    reason = error.fields.empty() ? std::string{code_of(error.code)} : error.fields.front().detail;
  error.detail = std::string{attempt} + ": " + reason;
  return error;
}

} // namespace baluhost
