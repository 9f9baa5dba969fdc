#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/repositories/seal_repository.hpp"

#include <string>

namespace baluhost {

/// `{"event":{…},"seq":n,"path":[hex,…],"seal":{…}}`. not_found if there is none: the event is not
/// sealed yet, or leaves of its seal are gone.
[[nodiscard]] Result<std::string> make_inclusion_proof(const SealRepository& seals,
                                                       const Digester& digester,
                                                       const AuditEvent& event);

} // namespace baluhost
