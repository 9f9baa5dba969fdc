// A program that embeds BaluHost with nothing but the installed package: opens a directory, makes a
// user, and closes; then a second time on what is there.
#include <baluhost/host/host.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

int failed(const char* what, const baluhost::Error& error) {
  std::fprintf(stderr, "%s: %s\n", what, error.detail.c_str());
  return 1;
}

int live(const std::string& directory, bool is_first) {
  auto host = baluhost::Host::open({.data_dir = directory, .auth = {.argon2_memory_kib = 7168}});
  if (!host) return failed("open", host.error());
  if (auto second = baluhost::Host::open({.data_dir = directory}))
    return std::puts("not locked"), 1;
  if (auto started = (*host)->start(); !started) return failed("start", started.error());
  const auto name = baluhost::Username::parse("someone");
  const auto known = (*host)->users().exists(*name);
  if (!known || *known == is_first) return std::puts("the user is not as expected"), 1;
  if (is_first) {
    const auto operator_ = baluhost::Principal::local_operator("consumer");
    auto made = (*host)->users().create(
        operator_, {.username = *name, .password = baluhost::Secret{"a password of some length"}});
    if (!made) return failed("create", made.error());
  }
  auto closed = (*host)->close();
  return closed ? 0 : failed("close", closed.error());
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int first = live(argv[1], true);
  return first != 0 ? first : live(argv[1], false);
}
