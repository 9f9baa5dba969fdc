#pragma once

/// Returns the planned error of a call, if it is to fail, from the enclosing function.
#define BALUHOST_TESTING_CALL(faults, call) \
  if (auto planned = (faults).take(call)) return *std::move(planned)
