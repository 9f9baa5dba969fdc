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
#elif CASE == 6 // one of the embedding program's, without a right
HttpRoute custom(HttpHandler made, Action action) {
  return {HttpMethod::get, "/acme", action, made};
}
#elif CASE == 7 // the same, with what would be anyone's
HttpRoute custom(HttpHandler made, Action action) {
  return {HttpMethod::get, "/acme", {}, action, made};
}
#endif

} // namespace baluhost::http
