#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/host/host_options.hpp"
#include "baluhost/ports/common/database_kind.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace baluhost {

/// The kind whose scheme `url` has; null: there is none.
const DatabaseKind* find_database_kind(std::string_view url) noexcept;

/// The tools for that kind; null likewise.
const DatabaseTools* find_database_tools(std::string_view url) noexcept;

/// Of the database that a host has where none is named: a file in its data directory.
std::string default_database_url(const std::string& data_dir);

/// The forms of all kinds, for people: "sqlite:PATH or …".
std::string database_url_forms();

/// `url` without its secrets, fit to be printed; of one that cannot be read, nothing but that.
std::string redacted_url(std::string_view url);

/// Opens the database alone, without keys, blobs and seals. Errors as of `DatabaseKind::open`, with
/// the redacted URL in front of `detail`; invalid_request where there is no such kind.
Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options,
                                                DatabaseAccess access,
                                                const DatabaseHooks& hooks = {},
                                                SchemaChange* change = nullptr);

/// What `options` say of the database.
DatabaseOptions database_options(const HostOptions& options);

} // namespace baluhost
