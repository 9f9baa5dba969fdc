#include "output.hpp"
#include "program.hpp"

#include <fmt/format.h>

namespace baluhost::ctl {
namespace {

Result<int> status(Program& program) {
  BALUHOST_TRY(Backend * backend, program.backend());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  BALUHOST_TRY(const DatabaseStatus found, backend->database->status());
  EventId newest;
  std::optional<Seal> seal;
  BALUHOST_CHECK(backend->database->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.audit().newest());
    BALUHOST_TRY(seal, tx.seals().newest());
    return {};
  }));
  const std::string url = redacted_url(configuration->database.url);
  if (program.json) {
    JsonObject json;
    json.add("kind", found.kind).add("url", url).add("schema_version", found.schema_version).add("size_bytes", found.size_bytes);
    json.add("newest_event", newest.value);
    if (seal) json.add("newest_seal", seal->number.value);
    else json.add_null("newest_seal");
    print_line(json.str());
    return kSuccess;
  }
  print_table({"WHAT", "IS"}, {{"database", url},
                               {"kind", found.kind},
                               {"schema version", std::to_string(found.schema_version)},
                               {"size", std::to_string(found.size_bytes) + " bytes"},
                               {"newest event", std::to_string(newest.value)},
                               {"newest seal", seal ? std::to_string(seal->number.value) : "none"}});
  return kSuccess;
}

} // namespace

void add_db_verbs(CLI::App& app, Verb& chosen) {
  auto* db = app.add_subcommand("db", "The database: state, checks, backups")->require_subcommand(1)->fallthrough();
  db->add_subcommand("status", "Shows kind, version and size")->fallthrough()->callback([&chosen] { chosen = status; });
}

} // namespace baluhost::ctl
