#include "first_admin.hpp"

#include "baluhost/domain/text.hpp"
#include "baluhost/filesystem/private_file.hpp"

namespace baluhost {
namespace {

Result<void> make_with_given(const std::string& file, const Username& name, UserService& users) {
  BALUHOST_TRY(const Secret password, read_password_file(file));
  auto created = users.create_first_admin(name, password);
  if (created) return {};
  Error error = std::move(created).error();
  if (!error.fields.empty())
    error.detail = "the password in " + file + " " + error.fields.front().detail;
  return error;
}

} // namespace

Result<void> ensure_first_admin(const HostOptions& options, Backend& backend, Services& services,
                                const HostReport& report) {
  BALUHOST_TRY(const bool settled, services.users.has_admin());
  if (settled) return {};
  BALUHOST_TRY(const auto name, Username::parse("admin"));
  BALUHOST_TRY(const bool taken, services.users.exists(name));
  if (taken) {
    report({Severity::warn,
            "there is no enabled administrator, and the user admin is none: run baluhostctl user "
            "role NAME admin, or baluhostctl user enable NAME",
            {}});
    return {};
  }
  if (!options.admin_password_file.empty()) {
    BALUHOST_CHECK(make_with_given(options.admin_password_file, name, services.users));
    report({Severity::info,
            "the user admin was made with the password in " + options.admin_password_file,
            {}});
    return {};
  }
  BALUHOST_TRY(const std::string random, backend.random->bytes(18));
  const Secret password{to_base64url(random)};
  const std::string path = options.data_dir + "/initial-admin-password";
  // The file first: a crash in between makes another user and another file, never a user whose
  // password nobody knows.
  BALUHOST_CHECK(write_private_file(path, std::string{password.reveal()} + "\n"));
  BALUHOST_CHECK(services.users.create_first_admin(name, password));
  report({Severity::info, "the user admin was made; its password is in " + path, {}});
  return {};
}

} // namespace baluhost
