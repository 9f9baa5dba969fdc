#include "output.hpp"
#include "program.hpp"
#include "verification.hpp"

#include "baluhost/core/audit/retention.hpp"
#include "baluhost/core/json/json_views.hpp"
#include "baluhost/core/seals/verify.hpp"
#include "baluhost/domain/audit/filter_values.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/host/offline.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>
#include <string>

namespace baluhost::ctl {
namespace {

struct AuditArguments {
  /// What is given is looked for, an empty text too.
  std::optional<std::string> from, to, type, action, user, resource, resource_prefix, success, ip;
  std::optional<std::string> interval, tz; ///< of a series
  std::string order{"desc"};
  std::int64_t limit{100};
  std::string format{"csv"};
  std::string cursor;
  bool seals{false};
  VerifyArguments offline;
  EventId event;
  std::string before;
  std::int64_t keep_days{-1};
};

Result<AuditFilter> filter_of(const AuditArguments& a) {
  AuditFilter filter;
  if (a.from) {
    BALUHOST_TRY(filter.from, argument("--from", Timestamp::parse(*a.from)));
  }
  if (a.to) {
    BALUHOST_TRY(filter.to, argument("--to", Timestamp::parse(*a.to)));
  }
  if (a.type) {
    BALUHOST_TRY(filter.type, argument("--type", parse_event_type(*a.type)));
  }
  if (a.success) filter.success = *a.success == "true";
  if (a.action) {
    BALUHOST_TRY(filter.action, argument("--action", parse_action_name(*a.action)));
  }
  filter.user = a.user;
  filter.resource = a.resource;
  filter.resource_prefix = a.resource_prefix;
  if (a.ip) {
    BALUHOST_TRY(filter.ip_address, argument("--ip", parse_client_address(*a.ip)));
  }
  return filter;
}

Result<int> list(Program& program, const AuditArguments& arguments) {
  BALUHOST_TRY(const auto filter, filter_of(arguments));
  BALUHOST_TRY(Host * host, program.host());
  const Principal who = calling_operator();
  const SortOrder order = arguments.order == "asc" ? SortOrder::ascending : SortOrder::descending;
  std::vector<AuditEvent> events;
  PageRequest request;
  do {
    request.limit = static_cast<std::size_t>(
        std::min<std::int64_t>(1000, arguments.limit - static_cast<std::int64_t>(events.size())));
    BALUHOST_TRY(auto page, host->audit_queries().query(who, filter, order, request));
    std::ranges::move(page.items, std::back_inserter(events));
    request.cursor = std::move(page.next_cursor);
  } while (request.cursor && static_cast<std::int64_t>(events.size()) < arguments.limit);
  print_list(program.json, events,
             {"ID", "TIME", "ACTION", "USER", "OUTCOME", "ADDRESS", "RESOURCE"},
             [](const AuditEvent& event) -> Row {
               return {std::to_string(event.id.value),
                       event.timestamp.to_rfc3339(),
                       event.action,
                       event.user.value_or("-"),
                       event.success ? "ok" : event.error_message.value_or("failed"),
                       event.ip_address.value_or("-"),
                       event.resource.value_or("-")};
             });
  return kSuccess;
}

Result<int> stats(Program& program, const AuditArguments& arguments) {
  BALUHOST_TRY(const auto filter, filter_of(arguments));
  FiguresRequest request{.from = filter.from,
                         .to = filter.to,
                         .user = filter.user,
                         .interval = {},
                         .time_zone = arguments.tz};
  if (arguments.interval) {
    BALUHOST_TRY(request.interval, argument("--interval", parse_interval(*arguments.interval)));
  }
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const auto figures, host->audit_queries().figures(calling_operator(), request));
  if (program.json) {
    print_line(to_json(figures));
    return kSuccess;
  }
  const AuditStatistics& statistics = figures.statistics;
  const auto row = [](const std::string& name, const AuditCount& count) {
    return std::vector<std::string>{name, std::to_string(count.succeeded),
                                    std::to_string(count.failed)};
  };
  std::vector<std::vector<std::string>> rows{row("all", statistics.total)};
  for (const auto* group : {&statistics.by_event_type, &statistics.by_action, &statistics.by_user,
                            &statistics.by_day}) {
    for (const auto& [name, count] : *group) rows.push_back(row(name, count));
  }
  print_table({"WHAT", "SUCCEEDED", "FAILED"}, rows);
  print_line(fmt::format("{} bytes uploaded, {} bytes downloaded", statistics.bytes_uploaded,
                         statistics.bytes_downloaded));
  return kSuccess;
}

Result<int> export_events(Program& program, const AuditArguments& arguments) {
  ExportRequest request;
  BALUHOST_TRY(request.filter, filter_of(arguments));
  request.seals = arguments.seals;
  request.format =
      arguments.format == "ndjson" || arguments.seals ? ExportFormat::ndjson : ExportFormat::csv;
  if (!arguments.cursor.empty()) request.cursor = arguments.cursor;
  BALUHOST_TRY(Host * host, program.host());
  if (request.seals) BALUHOST_CHECK(host->sealer().seal_now());
  BALUHOST_TRY(auto pieces, host->audit_queries().export_events(calling_operator(), request));
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  while (true) {
    BALUHOST_TRY(std::string piece, pieces->next());
    if (piece.empty()) break;
    if (is_terminal) piece = for_terminal(piece, request.format);
    if (std::fwrite(piece.data(), 1, piece.size(), stdout) != piece.size())
      return Error{Errc::unavailable, "stdout cannot be written"};
  }
  if (std::fflush(stdout) != 0) return Error{Errc::unavailable, "stdout cannot be written"};
  return kSuccess;
}

Result<int> prove(Program& program, const AuditArguments& arguments) {
  if (!arguments.offline.file.empty()) {
    if (arguments.offline.public_key.empty()) return usage("--file needs --public-key");
    BALUHOST_TRY(const std::string pem, read_whole(arguments.offline.public_key));
    BALUHOST_TRY(const auto keys, make_seal_verifier(pem));
    BALUHOST_TRY(const std::string proof, read_whole(arguments.offline.file));
    BALUHOST_TRY(const bool proven, check_inclusion_proof(proof, *keys, *make_digester()));
    print_line(program.json ? JsonObject{}.add("ok", proven).str()
               : proven     ? "proven"
                            : "NOT PROVEN");
    return proven ? kSuccess : kFound;
  }
  if (arguments.event.value <= 0)
    return usage("ID must name an event; with --file and --public-key a proof is checked instead");
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const std::string proof,
               host->audit_queries().prove(calling_operator(), arguments.event));
  print_line(proof);
  return kSuccess;
}

Result<int> prune(Program& program, const AuditArguments& arguments) {
  if (arguments.before.empty() == (arguments.keep_days < 0))
    return usage("exactly one of --before and --keep-days says what may go");
  BALUHOST_TRY(Host * host, program.host());
  Timestamp before = host->clock().now() - std::chrono::hours{24} * arguments.keep_days;
  if (!arguments.before.empty()) {
    BALUHOST_TRY(before, argument("--before", Timestamp::parse(arguments.before)));
  }
  const Principal who = calling_operator();
  Progress progress{"pruning", 0, "events"};
  BALUHOST_TRY(const auto pruned,
               prune_trail(host->database(), host->audit_log(), host->signer(), host->clock(), &who,
                           before, [&](std::int64_t events) { progress.update(events); }));
  if (program.json) {
    JsonObject json;
    json.add("events", pruned.events)
        .add_or_null("last_seal",
                     pruned.last_seal ? std::optional{pruned.last_seal->value} : std::nullopt);
    print_line(json.str());
  } else if (pruned.last_seal) {
    print_line(
        fmt::format("{} events removed, up to seal {}", pruned.events, pruned.last_seal->value));
  } else {
    print_line("nothing to remove: no seal is that old");
  }
  return kSuccess;
}

Result<int> seals(Program& program) {
  BALUHOST_TRY(const auto found, list_all<Seal>(program, [&](Host& host, const Principal& who,
                                                             const PageRequest& page) {
                 return host.audit_queries().seals(who, page);
               }));
  print_list(program.json, found, {"SEAL", "TIME", "EVENTS", "RECOVERED", "KEY", "ROOT"},
             [](const Seal& seal) -> Row {
               return {std::to_string(seal.number.value),
                       seal.sealed_at.to_rfc3339(),
                       std::to_string(seal.count),
                       seal.recovered ? "yes" : "no",
                       seal.key_id,
                       seal.root.hex()};
             });
  return kSuccess;
}

/// Declares the verbs of `audit`; their arguments lie in one place, since one verb runs.
class AuditVerbs {
 public:
  AuditVerbs(CLI::App& audit, Verb& chosen) : audit_(audit), chosen_(chosen) {}

  void add_readers() {
    auto* listing = add("list", "Lists events, newest first", list);
    add_filters(*listing);
    listing->add_option("--order", arguments_->order, "desc (default) or asc")
        ->check(CLI::IsMember({"desc", "asc"}));
    listing->add_option("--limit", arguments_->limit, "At most so many (default 100)")
        ->check(CLI::Range(1, 100'000'000));
    auto* counting = add("stats", "Counts events", stats);
    counting->add_option("--from", arguments_->from, "Events from this time on (RFC 3339)");
    counting->add_option("--to", arguments_->to, "Events before this time (RFC 3339)");
    counting->add_option("--user", arguments_->user, "Of this user");
    counting->add_option("--interval", arguments_->interval,
                         "With --json a series too: hour, day, week or month");
    counting->add_option("--tz", arguments_->tz, "Time zone of the series (default UTC)");
    auto* exporting = add("export", "Writes events to stdout", export_events);
    add_filters(*exporting);
    exporting->add_option("--format", arguments_->format, "csv (default) or ndjson")
        ->check(CLI::IsMember({"csv", "ndjson"}));
    exporting->add_option("--cursor", arguments_->cursor, "Goes on after this event");
    exporting->add_flag("--seals", arguments_->seals,
                        "NDJSON with the seals: enough for an offline verifier");
    add("seals", "Lists the seals",
        [](Program& program, const AuditArguments&) { return seals(program); });
  }

  void add_provers() {
    auto* verifying =
        add("verify", "Checks that nothing was changed; exit 3 if something was",
            [](Program& program, const AuditArguments& a) { return verify(program, a.offline); });
    add_offline(*verifying);
    verifying->add_option("--anchor", arguments_->offline.anchor_file,
                          "The anchor file (default: audit.anchor_file; none with --file)");
    verifying->add_flag("--no-anchor", arguments_->offline.no_anchor,
                        "Does without the anchor: cannot see a cut tail");
    auto* proving = add("prove", "Proves one event, or checks such a proof with --file", prove);
    proving->add_option("ID", arguments_->event.value, "The event's id");
    add_offline(*proving);
  }

  void add_pruning() {
    auto* pruning = add("prune", "Removes old events by whole seals; the seals stay", prune);
    pruning->add_option("--before", arguments_->before, "Events before this time (RFC 3339)");
    pruning->add_option("--keep-days", arguments_->keep_days, "Events older than so many days")
        ->check(CLI::Range(0, 36500));
  }

 private:
  template <class Run>
  CLI::App* add(const char* name, const char* help, Run run) {
    auto* sub = audit_.add_subcommand(name, help)->fallthrough();
    sub->callback([&chosen = chosen_, arguments = arguments_, run] {
      chosen = [arguments, run](Program& program) { return run(program, *arguments); };
    });
    return sub;
  }

  void add_filters(CLI::App& sub) {
    sub.add_option("--from", arguments_->from, "Events from this time on (RFC 3339)");
    sub.add_option("--to", arguments_->to, "Events before this time (RFC 3339)");
    sub.add_option("--type", arguments_->type,
                   "FILE_ACCESS, SECURITY, USER_MANAGEMENT, SYSTEM or DISK_MONITOR");
    sub.add_option("--action", arguments_->action, "Such as upload or login_failed");
    sub.add_option("--user", arguments_->user, "Who did it");
    sub.add_option("--resource", arguments_->resource, "Exactly this path or name");
    sub.add_option("--resource-prefix", arguments_->resource_prefix, "Paths that begin like this");
    sub.add_option("--success", arguments_->success, "true or false")
        ->check(CLI::IsMember({"true", "false"}));
    sub.add_option("--ip", arguments_->ip, "Client address");
  }

  void add_offline(CLI::App& sub) {
    sub.add_option("--file", arguments_->offline.file,
                   "A file instead of the database; needs --public-key");
    sub.add_option("--public-key", arguments_->offline.public_key,
                   "Public keys (PEM), such as {keys_dir}/" + std::string{kSealKeysFile});
  }

  CLI::App& audit_;
  Verb& chosen_;
  std::shared_ptr<AuditArguments> arguments_{std::make_shared<AuditArguments>()};
};

} // namespace

void add_audit_verbs(CLI::App& app, Verb& chosen) {
  auto* audit = add_word(app, "audit", "The audit trail: read it, prove it");
  AuditVerbs verbs{*audit, chosen};
  verbs.add_readers();
  verbs.add_provers();
  verbs.add_pruning();
}

} // namespace baluhost::ctl
