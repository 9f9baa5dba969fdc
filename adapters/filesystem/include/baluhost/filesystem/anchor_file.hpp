#pragma once

#include "baluhost/ports/anchor_log.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Anchors as lines "number hash\n" at the end of a text file, which is made with mode 0600 by the
/// first one. A line that a crash cut short is skipped. The newest anchor is the one with the
/// highest number among the last lines, since several servers may append out of order, and since an
/// old copy of the database that went on sealing must not hide the anchor that convicts it.
std::unique_ptr<AnchorLog> make_anchor_file(const std::string& path);

} // namespace baluhost
