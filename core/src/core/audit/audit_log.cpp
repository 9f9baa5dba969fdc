#include "baluhost/core/audit/audit_log.hpp"

#include "audit/record_budget.hpp"
#include "audit/refused_event.hpp"
#include "audit/waiting_events.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/text.hpp"

#include <array>
#include <chrono>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

/// The limit on strangers keeps, per address, the times of its last ten events: a new one is
/// written if the tenth last is a minute old. Addresses are bounded in number; the one that was
/// quiet longest makes room, and what it had left out is added to the next event of anyone, so that
/// every event that was left out is counted once.
namespace baluhost {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kStrangerEvents = 10;
constexpr microseconds kStrangerPeriod = std::chrono::minutes{1};
constexpr std::size_t kStrangerAddresses = 10'000;

/// How long a refusal of the database stands. That it answered nobody, or had no room, shows by
/// itself when somebody asks.
microseconds unhealthy_for(Errc code) {
  if (code == Errc::insufficient_storage) return {};
  return code == Errc::unavailable ? std::chrono::seconds{1} : std::chrono::seconds{30};
}

/// What is not known of a change is not called failed alone.
NewAuditEvent with_doubt(NewAuditEvent event, const Error& error) {
  if (!error.in_doubt) return event;
  return with_details(std::move(event), JsonObject{}.add("in_doubt", true));
}

Error with_doubt(Error trouble, const Error& error) {
  trouble.in_doubt = error.in_doubt;
  return trouble;
}

/// What the limit of strangers counts `event` by.
std::string bucket_of(const NewAuditEvent& event) {
  if (!event.ip_address) return {};
  const auto address = IpAddress::parse(*event.ip_address);
  return address ? throttle_key(address) : *event.ip_address;
}

} // namespace

struct AuditLog::StrangerLimit {
  struct Address {
    std::string bucket;
    std::array<microseconds, kStrangerEvents> times{}; ///< a ring
    std::size_t events{0};                             ///< written so far
    std::int64_t suppressed{0};
  };

  /// How many were left out before this one; none if this one is to be left out too.
  std::optional<std::int64_t> admit(const std::string& bucket, microseconds now) {
    const std::lock_guard lock(mutex_);
    Address& address = find(bucket);
    microseconds& oldest = address.times[address.events % kStrangerEvents];
    if (address.events >= kStrangerEvents && now - oldest < kStrangerPeriod) {
      ++address.suppressed;
      return std::nullopt;
    }
    oldest = now;
    ++address.events;
    return std::exchange(address.suppressed, 0) + std::exchange(left_over_, 0);
  }

  void give_back(std::int64_t suppressed) {
    const std::lock_guard lock(mutex_);
    left_over_ += suppressed;
  }

 private:
  Address& find(const std::string& bucket) {
    if (const auto found = index_.find(bucket); found != index_.end()) {
      addresses_.splice(addresses_.begin(), addresses_, found->second);
      return addresses_.front();
    }
    if (addresses_.size() >= kStrangerAddresses) {
      left_over_ += addresses_.back().suppressed;
      index_.erase(addresses_.back().bucket);
      addresses_.pop_back();
    }
    addresses_.push_front({.bucket = bucket});
    index_.emplace(bucket, addresses_.begin());
    return addresses_.front();
  }

  std::mutex mutex_;
  std::list<Address> addresses_; ///< the last seen first
  std::unordered_map<std::string, std::list<Address>::iterator> index_;
  std::int64_t left_over_{0};
};

NewAuditEvent with_details(NewAuditEvent event, const JsonObject& details) {
  auto added = details.str();
  if (added == "{}") return event;
  if (event.details != "{}") {
    event.details.back() = ',';
    added.erase(0, 1);
    event.details += added;
  } else {
    event.details = std::move(added);
  }
  return event;
}

void attribute(NewAuditEvent& event, const User& user) {
  event.user = user.username.str();
  event.account = user.id;
}

AuditLog::AuditLog(Database& database, const Clock& clock)
    : database_(database),
      clock_(clock),
      strangers_(std::make_unique<StrangerLimit>()),
      accounts_(std::make_unique<RecordBudget>()),
      waiting_(std::make_unique<WaitingEvents>()) {}

AuditLog::~AuditLog() = default;

NewAuditEvent AuditLog::draft(Action action, const Principal& principal) const {
  auto event = draft(action, principal.client());
  if (const auto* share = principal.share()) {
    event.by_stranger = true;
    return with_details(std::move(event), JsonObject{}.add("share", share->id.value));
  }
  event.user = clamp_text(principal.name(), AuditLimits::user);
  event.account = principal.user();
  const auto* key = principal.key();
  return key == nullptr ? event
                        : with_details(std::move(event), JsonObject{}.add("key", key->id.value));
}

NewAuditEvent AuditLog::draft(Action action, const Client& client) const {
  auto event = draft(action);
  if (client.ip_address) event.ip_address = client.ip_address->str();
  if (client.user_agent) event.user_agent = clamp_text(*client.user_agent, AuditLimits::user_agent);
  if (client.peer_address && client.peer_address != client.ip_address) {
    event.details = JsonObject{}.add("peer_address", client.peer_address->str()).str();
  }
  return event;
}

NewAuditEvent AuditLog::draft(Action action) const {
  return {.timestamp = clock_.now(), .action = action};
}

Result<void> AuditLog::record(NewAuditEvent event) {
  event.account_may_be_gone = true;
  const auto write = [&] {
    return database_.write([&](WriteTransaction&) { return Result<AuditEvents>{event}; });
  };
  auto written = write();
  if (!written && is_refused(written.error())) {
    event = refused_event(event);
    written = write();
  }
  if (written) {
    unhealthy_until_ = 0;
    return {};
  }
  ++failures_;
  const auto stands = unhealthy_for(written.error().code);
  unhealthy_until_ = stands.count() > 0 ? (clock_.monotonic() + stands).count() : 0;
  // That there is no room is what the client is to know: it is no trouble that passes by itself.
  const bool is_full = written.error().code == Errc::insufficient_storage;
  return Error{.code = is_full ? Errc::insufficient_storage : Errc::unavailable,
               .detail = "the audit trail could not be written: " + written.error().detail,
               .retry_after = std::chrono::seconds{1}};
}

/// Nobody records it again: it waits, or else `give_back` counts it as left out. What has no room
/// in the database has none here either, and is refused as not recorded.
Error AuditLog::put_off(const NewAuditEvent& event, Error error, std::int64_t suppressed,
                        FunctionRef<void(std::int64_t)> give_back) {
  error.recorded = error.code == Errc::unavailable;
  if (!error.recorded)
    give_back(suppressed);
  else if (!waiting_->add(event))
    give_back(suppressed + 1);
  return error;
}

Result<void> AuditLog::write_waiting() {
  if (waiting_->size() == 0) return {};
  auto written = waiting_->write(database_, clock_);
  if (written) unhealthy_until_ = 0;
  if (!written && is_refused(written.error()))
    return Error{Errc::unavailable, std::move(written).error().detail};
  return written;
}

bool AuditLog::healthy() const noexcept {
  if (waiting_->size() > 0) return false;
  const auto until = unhealthy_until_.load();
  return until == 0 || clock_.monotonic().count() >= until;
}

Error AuditLog::failed(NewAuditEvent event, Error error) {
  if (error.recorded) return error;
  event = with_doubt(std::move(event), error);
  if (auto written = refused(std::move(event), code_of(error.code)); !written)
    return with_doubt(std::move(written).error(), error);
  error.recorded = true;
  return error;
}

Result<void> AuditLog::refused(NewAuditEvent event, std::string_view code) {
  event.success = false;
  event.error_message = std::string{code};
  if (event.by_stranger) return refused_stranger(std::move(event));
  const auto suppressed = accounts_->admit(event, clock_.monotonic());
  if (!suppressed) return {};
  const auto account = event.account;
  if (*suppressed > 0)
    event = with_details(std::move(event), JsonObject{}.add("suppressed", *suppressed));
  auto written = record(event);
  if (written) return {};
  return put_off(event, std::move(written).error(), *suppressed, [&](std::int64_t left_out) {
    if (account && left_out > 0) accounts_->give_back(*account, left_out);
  });
}

Error AuditLog::denied(const Principal& principal, std::string_view resource, Operation operation,
                       std::string_view required_permission, Error error) {
  return denied(principal, resource, to_string(operation), required_permission, std::move(error));
}

Error AuditLog::denied(const Principal& principal, std::string_view resource,
                       std::string_view operation, std::string_view required_permission,
                       Error error) {
  auto event = with_details(
      draft(Action::access_denied, principal),
      JsonObject{}.add("required_permission", required_permission).add("operation", operation));
  event.resource = clamp_text(resource, AuditLimits::resource);
  return failed(std::move(event), std::move(error));
}

Error AuditLog::failed_by_stranger(NewAuditEvent event, JsonObject details, Error error) {
  if (error.recorded) return error;
  event.success = false;
  event.error_message = std::string{code_of(error.code)};
  event = with_doubt(with_details(std::move(event), details), error);
  auto written = refused_stranger(std::move(event));
  if (!written) return with_doubt(std::move(written).error(), error);
  error.recorded = true;
  return error;
}

Result<void> AuditLog::refused_stranger(NewAuditEvent event) {
  const auto suppressed = strangers_->admit(bucket_of(event), clock_.monotonic());
  if (!suppressed) return {};
  if (*suppressed > 0)
    event = with_details(std::move(event), JsonObject{}.add("suppressed", *suppressed));
  auto written = record(event);
  if (written) return {};
  return put_off(event, std::move(written).error(), *suppressed,
                 [&](std::int64_t left_out) { strangers_->give_back(left_out); });
}

} // namespace baluhost
