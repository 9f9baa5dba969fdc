// A BaluHost in memory: nothing to install beside it, nothing on the disk. For demonstrations, and
// for tools that need the rules but not the data. A whole host in memory is `Host::in_memory`.
#include <baluhost/testing/world.hpp>

#include <iostream>

int main() {
  baluhost::testing::World host;
  const auto anna = host.enter("anna");
  if (!host.put(anna, "/anna/letters/first", "Dear Bert, …")) return 1;

  // Nobody reads what is not shared with them.
  const auto bert = host.enter("bert");
  if (host.get(bert, "/anna/letters/first")) return 1;

  // Shared, it is read, and that is on record.
  const auto letters = *baluhost::FilePath::parse("/anna/letters");
  if (!host.grants.put(anna, letters, *baluhost::Username::parse("bert"), baluhost::Right::read))
    return 1;
  std::cout << host.get(bert, "/anna/letters/first").value() << '\n';

  for (const auto& event : host.events())
    std::cout << event.action << ' ' << event.resource.value_or("-") << '\n';
}
