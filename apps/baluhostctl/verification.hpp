#pragma once

#include "program.hpp"

#include <string>

namespace baluhost::ctl {

struct VerifyArguments {
  std::string file;
  std::string public_key;
  std::string anchor_file;
  bool no_anchor{false};
};

/// Verifies a file, a copy of the database with a public key, or the database in place. Of these
/// the last alone is recorded, and not where nothing may be written: in a backup, or without a
/// right to. Returns the exit code.
Result<int> verify(Program& program, const VerifyArguments& arguments);

/// not_found: there is no such file. unavailable: it cannot be read.
Result<std::string> read_whole(const std::string& path);

} // namespace baluhost::ctl
