// What must not compile: one case for each value of CASE; without it, the control compiles.
#include "dispatch/route.hpp"

namespace baluhost::http {

Outcome handler(Call& call);

constexpr Route kControl{
    Method::get, "/control", Permission::audit, handler, {.operation = Operation::list_seals}};

#if CASE == 1 // no right
constexpr Route kRoute{Method::get, "/route", handler};
#elif CASE == 2 // the first one there is, which would be anyone's
constexpr Route kRoute{Method::get, "/route", {}, handler};
#elif CASE == 3 // traits in its place
constexpr Route kRoute{Method::get, "/route", handler, {.operation = Operation::list_seals}};
#elif CASE == 4 // filled in later
Route route() {
  Route made;
  made.permission = Permission::authenticated;
  return made;
}
#elif CASE == 5 // with a login, and nothing to name a refusal by
constexpr Route kRoute{Method::get, "/route", Permission::authenticated, handler};
#endif

} // namespace baluhost::http
