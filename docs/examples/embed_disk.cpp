// A BaluHost in a directory, with the files that baluhostd and baluhostctl use: one call opens it,
// and `baluhostctl --data-dir DIR` looks at what this program left.
#include <baluhost/host/host.hpp>

#include <iostream>

using namespace baluhost;

namespace {

Result<void> store(Host& host, const Principal& principal, std::string_view content) {
  BALUHOST_TRY(const auto path, FilePath::parse("/reports/today"));
  BALUHOST_TRY(auto upload, host.files().begin_upload(principal, path, {.overwrite = true}));
  BALUHOST_CHECK(upload.write(content));
  BALUHOST_CHECK(upload.commit());
  return {};
}

Result<void> run(const std::string& directory) {
  BALUHOST_TRY(const auto host, Host::open({.data_dir = directory}));
  BALUHOST_CHECK(host->start());

  // An account of this program's own, with a password that nobody knows.
  const auto here = Principal::local_operator("reporter");
  BALUHOST_TRY(const auto name, Username::parse("reports"));
  BALUHOST_TRY(const bool is_there, host->users().exists(name));
  BALUHOST_TRY(const auto secret, host->random().bytes(32));
  const CreateUser account{.username = name, .password = Secret{to_hex(secret)}};
  if (!is_there) BALUHOST_CHECK(host->users().create(here, account));
  BALUHOST_TRY(const auto reporter, host->auth().act_as(name, {}, "reporter"));
  BALUHOST_CHECK(store(*host, reporter, "all is well\n"));

  // What happened is sealed, and can be proved to others.
  BALUHOST_CHECK(host->sealer().seal_now());
  BALUHOST_TRY(const auto report, host->audit_queries().verify(here));
  std::cout << report.events << " events verified, " << report.problems.size() << " problems\n";
  return host->close();
}

} // namespace

int main(int argc, char** argv) {
  const auto done = run(argc > 1 ? argv[1] : "data");
  if (!done) std::cerr << done.error().detail << '\n';
  return done ? 0 : 1;
}
