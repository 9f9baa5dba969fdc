#pragma once

#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>

namespace baluhost {

/// "name (2).ext" for `name`.ext and 2: cut, where that would be too long. invalid_request: its
/// path would be.
[[nodiscard]] Result<FilePath> numbered(const FilePath& path, std::int64_t number);

/// For `path`, which is taken, one beside it that is free, with a number in its name: after few
/// looks, however many are taken. The home is locked, or the answer may be wrong by now.
/// invalid_request as with `numbered`.
[[nodiscard]] Result<FilePath> find_free_name(ReadTransaction& tx, const FilePath& path);

} // namespace baluhost
