#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/identity/user_service.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <cstdio>
#include <string>

namespace {

class StoppedClock final : public baluhost::Clock {
 public:
  baluhost::Timestamp now() const noexcept override { return {1'795'488'871'123'456}; }
  std::chrono::microseconds monotonic() const noexcept override { return {}; }
};

/// Not a hash to use: it shows that a port can be filled from outside.
class LengthHasher final : public baluhost::PasswordHasher {
 public:
  baluhost::Result<baluhost::PasswordHash> hash(const baluhost::Secret& password) override {
    return baluhost::PasswordHash{
        baluhost::Secret{"$length$" + std::to_string(password.reveal().size())}};
  }
  baluhost::Result<bool> verify(const baluhost::Secret& password,
                                const baluhost::PasswordHash& stored) override {
    BALUHOST_TRY(const auto fresh, hash(password));
    return baluhost::equal_in_constant_time(fresh.phc.reveal(), stored.phc.reveal());
  }
  bool needs_rehash(const baluhost::PasswordHash&) const override { return false; }
};

int fail(const char* what, const baluhost::Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, std::string{code_of(error.code)}.c_str());
  return 1;
}

} // namespace

int main() {
  const auto database = baluhost::make_memory_database();
  const StoppedClock clock;
  LengthHasher hasher;
  baluhost::AuditLog audit{*database, clock};
  baluhost::IdentityCache identities{*database};
  baluhost::UserService users{*database, audit, identities, hasher, clock};

  const auto name = baluhost::Username::parse("admin");
  if (!name) return fail("name", name.error());
  const auto admin = users.create_first_admin(*name, baluhost::Secret{"correct horse battery"});
  if (!admin) return fail("create_first_admin", admin.error());

  std::vector<baluhost::AuditEvent> events;
  const auto read = database->read([&](baluhost::ReadTransaction& tx) -> baluhost::Result<void> {
    BALUHOST_TRY(events, tx.audit().query({}, baluhost::SortOrder::ascending, {}, 100));
    return {};
  });
  if (!read) return fail("query", read.error());
  for (const auto& event : events) {
    if (event.action == "user_created" && event.resource == "admin" &&
        event.timestamp == clock.now())
      return 0;
  }
  std::fputs("the user was created without a record\n", stderr);
  return 1;
}
