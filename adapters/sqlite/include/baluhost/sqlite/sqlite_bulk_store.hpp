#pragma once

#include "baluhost/ports/bulk_store.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Who else may write the file of a database meanwhile.
enum class SqliteFile {
  live,  ///< other programs may write it
  frozen ///< nobody writes it, so that reading needs no lock and leaves nothing beside it
};

/// Reads or fills the SQLite database at `path` as a whole. Opens nothing yet. A frozen one takes
/// no writer: forbidden.
std::unique_ptr<BulkStore> make_sqlite_bulk_store(std::string path,
                                                  SqliteFile file = SqliteFile::live);

} // namespace baluhost
