#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"

#include <string>

namespace baluhost {

/// `{"event":{…},"seq":n,"path":[hex,…],"seal":{…}}`. not_found if the event is not sealed yet.
[[nodiscard]] Result<std::string> make_inclusion_proof(Database& database, const Digester& digester,
                                                       const AuditEvent& event);

} // namespace baluhost
