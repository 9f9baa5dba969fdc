// The use cases made by hand, over ports of one's choice: here those in memory, so that nothing but
// utf8proc is linked. An adapter of one's own goes in the place of one of them.
#include <baluhost/core/audit/audit_queries.hpp>
#include <baluhost/core/files/file_service.hpp>
#include <baluhost/core/identity/user_service.hpp>
#include <baluhost/core/seals/sealer.hpp>
#include <baluhost/memory/fake_seal_signer.hpp>
#include <baluhost/memory/insecure_password_hasher.hpp>
#include <baluhost/memory/manual_clock.hpp>
#include <baluhost/memory/memory_anchor_log.hpp>
#include <baluhost/memory/memory_blob_store.hpp>
#include <baluhost/memory/memory_database.hpp>
#include <baluhost/memory/portable_digester.hpp>
#include <baluhost/memory/seeded_random.hpp>

#include <iostream>

using namespace baluhost;

static Result<void> run() {
  ManualClock clock;
  const auto random = make_seeded_random();
  const auto digester = make_portable_digester();
  const auto database = make_memory_database();
  const auto blobs = make_memory_blob_store({}, *digester, *random, clock);
  const auto hasher = make_insecure_password_hasher({}, *random);
  const auto anchors = make_memory_anchor_log();
  const auto signer = make_fake_seal_signer(Secret{"a key"});
  const InstanceId instance{"0123456789abcdef0123456789abcdef"};
  Sealer sealer{{*database, *digester, *signer, *anchors, clock, instance}, {}};
  AuditLog log{*database, clock};
  IdentityCache identities{*database};
  UserService users{*database, log, identities, *hasher, clock};
  QuotaLedger quotas;
  TransferJournal transfers{*database, clock, instance, DownloadRecording::before};
  FileService files{{*database, *blobs, log, transfers, quotas, clock}, {}};
  AuditQueries audit{{*database, log, *digester, *signer, *anchors, clock}};

  const auto here = Principal::local_operator("tool");
  BALUHOST_TRY(const auto anna, Username::parse("anna"));
  BALUHOST_CHECK(users.create(here, {.username = anna, .password = Secret{"a fine pass phrase"}}));
  BALUHOST_TRY(const auto path, FilePath::parse("/anna/note"));
  BALUHOST_TRY(auto upload, files.begin_upload(here, path, {}));
  BALUHOST_CHECK(upload.write("hello"));
  BALUHOST_CHECK(upload.commit());
  BALUHOST_CHECK(sealer.seal_now());
  BALUHOST_TRY(const auto report, audit.verify(here));
  std::cout << report.events << " events verified\n";
  return transfers.close();
}

int main() {
  const auto done = run();
  if (!done) std::cerr << done << '\n';
  return done ? 0 : 1;
}
