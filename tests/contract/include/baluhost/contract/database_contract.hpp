#pragma once

#include "baluhost/ports/database.hpp"

#include <functional>
#include <memory>

/// What every `Database` promises: each function is a suite, for `suite` or for `check`. A case
/// that fails names the promise that is broken.
///
///     TEST_CASE("sqlite keeps the contract of users") { baluhost::contract::users_contract(make);
///     }
namespace baluhost::contract {

/// Gives a new database of the newest schema without a single row; called once per section. What it
/// needs besides (files, a server) has to outlive the database.
using MakeDatabase = std::function<std::unique_ptr<Database>()>;

void database_contract(
    const MakeDatabase& make); ///< transactions, isolation, listeners, identity_version, status

/// One repository each.
void users_contract(const MakeDatabase& make);
void sessions_contract(const MakeDatabase& make);
void keys_contract(const MakeDatabase& make);
void second_factors_contract(const MakeDatabase& make);
void challenges_contract(const MakeDatabase& make);
void grants_contract(const MakeDatabase& make);
void shares_contract(const MakeDatabase& make);
void files_contract(const MakeDatabase& make);
void blobs_contract(const MakeDatabase& make); ///< which blobs files refer to, and which are doomed

/// One repository each.
void trash_contract(const MakeDatabase& make);
void tree_records_contract(const MakeDatabase& make);
void versions_contract(const MakeDatabase& make);
void uploads_contract(const MakeDatabase& make);
void transfers_contract(const MakeDatabase& make);
void archives_contract(const MakeDatabase& make);
void search_contract(const MakeDatabase& make);
void audit_contract(const MakeDatabase& make);
void statistics_contract(const MakeDatabase& make);
void seals_contract(const MakeDatabase& make);

} // namespace baluhost::contract
