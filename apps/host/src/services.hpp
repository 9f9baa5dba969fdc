#pragma once

#include "backend.hpp"

#include "baluhost/core/access/grant_service.hpp"
#include "baluhost/core/access/share_service.hpp"
#include "baluhost/core/archives/archive_service.hpp"
#include "baluhost/core/audit/audit_queries.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/core/identity/session_service.hpp"
#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/core/keys/key_service.hpp"
#include "baluhost/core/operations/lifecycle.hpp"
#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/core/second_factor/second_factor_service.hpp"
#include "baluhost/core/transfers/upload_service.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"

namespace baluhost {

/// How long what is deleted or replaced is kept.
KeepRules keep_rules(const HostOptions& options);

/// Every use case of the core over one backend, in the order in which they need one another.
/// `backend` must outlive it.
struct Services {
  Services(Backend& backend, const HostOptions& options, InstanceId instance);

  Sealer sealer; ///< first: it is notified of the first commit
  AuditLog audit_log;
  IdentityCache identities;
  KeyUses key_uses;
  LoginThrottle throttle;
  AuthService auth;
  SessionService sessions;
  UserService users;
  SecondFactorService second_factors;
  KeyService keys;
  GrantService grants;
  LoginThrottle share_throttle;
  ShareService shares;
  QuotaLedger quotas;
  TransferJournal transfers;
  FileService files;
  UploadService uploads;
  TrashService trash;
  VersionService versions;
  ArchiveService archives;
  AuditQueries audit_queries;
  Lifecycle lifecycle;
};

} // namespace baluhost
