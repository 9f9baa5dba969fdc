#pragma once

#include "backend.hpp"
#include "configuration.hpp"

#include "baluhost/core/audit_service.hpp"
#include "baluhost/core/auth_service.hpp"
#include "baluhost/core/file_service.hpp"
#include "baluhost/core/grant_service.hpp"
#include "baluhost/core/lifecycle.hpp"
#include "baluhost/core/sealer.hpp"
#include "baluhost/core/upload_service.hpp"
#include "baluhost/core/user_service.hpp"

namespace baluhost {

/// Every use case of the core over one backend, in the order in which they need one another. `backend` must outlive it.
struct Services {
  Services(Backend& backend, const Configuration& configuration, InstanceId instance);

  Sealer sealer; ///< first: it must hear of the first commit
  AuditTrail audit;
  IdentityCache identities;
  LoginThrottle throttle;
  AuthService auth;
  UserService users;
  GrantService grants;
  QuotaLedger quotas;
  TransferJournal transfers;
  FileService files;
  UploadService uploads;
  AuditService trail;
  Lifecycle lifecycle;
};

} // namespace baluhost
