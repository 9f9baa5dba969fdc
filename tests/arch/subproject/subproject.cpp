#include <baluhost/testing/world.hpp>
#include <baluhost/version.hpp>

int main() {
  baluhost::testing::World world;
  const auto anna = world.enter("anna");
  const bool is_there = world.put(anna, "/anna/note", "hello") && world.get(anna, "/anna/note");
  return is_there && BALUHOST_VERSION_NUMBER >= 100 && !baluhost::kVersion.empty() ? 0 : 1;
}
