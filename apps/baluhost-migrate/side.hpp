#pragma once

#include "configuration.hpp"

#include "baluhost/core/migration/migration.hpp"

#include <memory>
#include <string>

namespace baluhost::migrate {

bool is_sqlite_url(const std::string& url);
std::string path_of(const std::string& sqlite_url);

/// `configuration` with the database at `url`.
Configuration at(const Configuration& configuration, const std::string& url);

std::unique_ptr<BulkStore> make_bulk_store(const std::string& url);

/// The side at `url`, whose rows `store` has.
migration::Side make_side(const Configuration& configuration, const std::string& url,
                          BulkStore& store);

} // namespace baluhost::migrate
