#pragma once

#include "baluhost/sql_common/connection.hpp"

#include <memory>
#include <span>
#include <string_view>

namespace baluhost::sqlite {

/// A statement that SOCI prepares and binds. Throws what SOCI throws, here and later.
std::unique_ptr<sql::Statement> make_statement(soci::session& session, std::string_view sql,
                                               std::string_view shape,
                                               std::span<const sql::Argument> arguments);

} // namespace baluhost::sqlite
