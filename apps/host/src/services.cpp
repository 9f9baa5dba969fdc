#include "services.hpp"

namespace baluhost {
namespace {

std::chrono::seconds seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

} // namespace

KeepRules keep_rules(const HostOptions& c) {
  return {.trash_days = c.files.trash_days,
          .versions_keep = c.files.versions_keep,
          .versions_days = c.files.versions_days};
}

namespace {

FileService::Dependencies file_dependencies(Backend& backend, Services& services,
                                            const HostOptions& c) {
  return {*backend.database,
          *backend.blobs,
          services.audit_log,
          services.transfers,
          services.quotas,
          *backend.clock,
          {.entries_per_user = c.files.max_entries_per_user,
           .entries_at_once = c.files.max_entries_at_once,
           .unfinished_uploads = c.files.max_unfinished_uploads},
          keep_rules(c)};
}

} // namespace

Services::Services(Backend& backend, const HostOptions& c, InstanceId instance)
    : sealer({*backend.database, *backend.digester, *backend.signer, *backend.anchors,
              *backend.clock, instance},
             {c.audit.seal_interval, c.audit.seal_events}),
      audit_log(*backend.database, *backend.clock),
      identities(*backend.database),
      key_uses(*backend.database),
      throttle(*backend.clock,
               {static_cast<int>(c.auth.max_attempts), seconds(c.auth.attempt_window)}),
      auth({*backend.database, audit_log, identities, throttle, *backend.hasher, *backend.tokens,
            *backend.digester, *backend.random, *backend.clock, key_uses, *backend.seeds},
           {.access_ttl = seconds(c.auth.access_ttl),
            .refresh_ttl = seconds(c.auth.refresh_ttl),
            .second_factor = c.auth.require_second_factor,
            .shares = c.shares.enabled}),
      sessions(*backend.database, audit_log, identities, *backend.clock),
      users(*backend.database, audit_log, identities, *backend.hasher, *backend.clock),
      second_factors({*backend.database, audit_log, identities, throttle, *backend.hasher,
                      *backend.seeds, *backend.digester, *backend.random, *backend.clock}),
      keys({*backend.database, audit_log, identities, key_uses, *backend.digester, *backend.random,
            *backend.clock}),
      grants(*backend.database, audit_log, *backend.clock),
      share_throttle(*backend.clock,
                     {static_cast<int>(c.auth.max_attempts), seconds(c.auth.attempt_window)}),
      shares({*backend.database, audit_log, identities, share_throttle, *backend.hasher,
              *backend.tokens, *backend.digester, *backend.random, *backend.clock},
             {.enabled = c.shares.enabled,
              .default_days = c.shares.default_days,
              .max_days = c.shares.max_days,
              .require_password = c.shares.require_password}),
      transfers(*backend.database, *backend.clock, instance, c.audit.downloads),
      files(file_dependencies(backend, *this, c),
            {c.files.max_upload_bytes, c.files.min_free_bytes}),
      uploads(file_dependencies(backend, *this, c), *backend.random, *backend.digester,
              {seconds(c.files.upload_expiry), c.files.max_upload_bytes, c.files.min_free_bytes}),
      trash(file_dependencies(backend, *this, c)),
      versions(file_dependencies(backend, *this, c)),
      archives({*backend.database,
                *backend.blobs,
                audit_log,
                transfers,
                *backend.digester,
                *backend.random,
                *backend.clock,
                {.archives = c.files.max_archives, .entries = c.files.max_archive_entries}}),
      audit_queries({*backend.database, audit_log, *backend.digester, *backend.signer,
                     *backend.anchors, *backend.clock, c.audit.retention_days,
                     backend.time_zones.get()}),
      lifecycle(*backend.database, audit_log, sealer, *backend.signer, transfers, *backend.clock,
                std::move(instance)) {}

} // namespace baluhost
