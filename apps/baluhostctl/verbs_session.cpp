#include "output.hpp"
#include "program.hpp"

#include "baluhost/core/json/json_views.hpp"

namespace baluhost::ctl {
namespace {

Result<int> list(Program& program, const std::string& user) {
  BALUHOST_TRY(const auto sessions,
               list_of_user<Session>(
                   program, user, [](Host& host) -> SessionService& { return host.sessions(); }));
  if (program.json) {
    print_line(items_json(sessions,
                          [](const Session& session) { return to_json(session, std::nullopt); }));
    return kSuccess;
  }
  std::vector<Row> rows;
  for (const Session& session : sessions) {
    rows.push_back({session.id.value, session.created_at.to_rfc3339(),
                    session.last_used_at.to_rfc3339(), text_of(session.client.ip_address),
                    session.client.user_agent.value_or("-")});
  }
  print_table({"SESSION", "CREATED", "LAST USED", "ADDRESS", "USER AGENT"}, rows);
  return kSuccess;
}

Result<int> revoke(Program& program, const std::string& text) {
  BALUHOST_TRY(const auto id, argument("ID", SessionId::parse(text)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_CHECK(host->sessions().revoke_any(calling_operator(), id));
  return kSuccess;
}

Result<int> revoke_all(Program& program, const std::string& user) {
  BALUHOST_TRY(const auto name, argument("USER", Username::parse(user)));
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto count, host->sessions().revoke_all_of(calling_operator(), name));
  print_line(program.json ? JsonObject{}.add("sessions", count).str()
                          : std::to_string(count) + " sessions revoked");
  return kSuccess;
}

} // namespace

void add_session_verbs(CLI::App& app, Verb& chosen) {
  auto* session = add_word(app, "session", "Logins that are alive");
  auto argument = std::make_shared<std::string>();
  const auto verb = [&](const char* name, const char* help, const char* what, const char* what_help,
                        auto run) {
    add_verb(session, name, help, chosen, argument, run)
        ->add_option(what, *argument, what_help)
        ->required();
  };
  verb("list", "Lists a user's sessions", "USER", "The user's name", list);
  verb("revoke", "Ends one session", "ID", "The session's id", revoke);
  verb("revoke-all", "Ends all sessions of a user", "USER", "The user's name", revoke_all);
}

} // namespace baluhost::ctl
