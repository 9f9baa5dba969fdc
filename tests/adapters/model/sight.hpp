#pragma once

#include "model/plain_host.hpp"
#include "sql/rights_scene.hpp"

#include <map>
#include <string>
#include <vector>

// All that there is, in lines that are alike where it is.
namespace baluhost::test {

using Lines = std::vector<std::string>;
using People = std::map<std::string, Person>;

struct Sight {
  Lines lines;
  Lines events;               ///< the new ones, sorted; "failed …" of what failed
  std::vector<TrashId> trash; ///< the last deleted last
};

/// `letter`: what each of the people searches for.
[[nodiscard]] Sight look_at(const PlainHost& model, const Digester& digester, char letter);

/// `seen`: the last event that was looked at before; moves on.
[[nodiscard]] Sight look_at(Host& product, const People& people, EventId& seen, char letter);

[[nodiscard]] const Principal& principal_of(const Host& product, const People& people,
                                            const Actor& who);

} // namespace baluhost::test
