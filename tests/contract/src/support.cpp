#include "support.hpp"

#include <algorithm>
#include <latch>
#include <sstream>
#include <thread>

namespace baluhost::contract {
namespace {

std::string hex_number(int number, std::size_t digits) {
  std::string text(digits, '0');
  for (auto digit = text.rbegin(); number > 0 && digit != text.rend(); ++digit, number /= 16) {
    *digit = "0123456789abcdef"[number % 16];
  }
  return text;
}

/// A list of members in the making: `name=value;`.
class Description {
 public:
  template <class T>
  Description& operator()(std::string_view name, const T& value) {
    text_ << name << '=';
    print(value);
    text_ << ';';
    return *this;
  }
  [[nodiscard]] std::string str() const { return text_.str(); }

 private:
  template <class T>
  void print(const std::optional<T>& value) {
    if (value) {
      text_ << '[';
      print(*value);
      text_ << ']';
    } else {
      text_ << "none";
    }
  }
  void print(const IpAddress& address) { text_ << address.str(); }
  template <class Tag>
  void print(const NumericId<Tag>& id) {
    text_ << id.value;
  }
  template <class Tag, std::size_t Bytes>
  void print(const RandomId<Tag, Bytes>& id) {
    text_ << id.value;
  }
  template <std::size_t N>
  void print(const Digest<N>& digest) {
    text_ << digest.hex();
  }
  void print(Timestamp time) { text_ << time.microseconds; }
  void print(const Content& content) { text_ << '{' << describe(content) << '}'; }
  void print(const FileName& name) { text_ << name.str(); }
  void print(const Username& name) { text_ << name.str(); }
  void print(const Email& address) { text_ << address.str(); }
  void print(const std::string& text) { text_ << text; }
  void print(std::string_view text) { text_ << text; }
  void print(std::int64_t number) { text_ << number; }
  void print(bool flag) { text_ << (flag ? "true" : "false"); }

  std::ostringstream text_;
};

} // namespace

NewAuditEvent some_event(std::string resource) {
  NewAuditEvent event{.timestamp = kNow, .action = Action::create_directory};
  event.user = "anna";
  event.resource = std::move(resource);
  return event;
}

NewAuditEvent event_of(UserId account, Action action, std::string resource) {
  auto event = some_event(std::move(resource));
  event.action = action;
  event.details = R"({"peer_address":"192.0.2.1"})";
  event.ip_address = "192.0.2.7";
  event.user_agent = "agent; --";
  event.account = account;
  return event;
}

int roll_up(Database& database) {
  constexpr std::int64_t kFarAway = 1'000'000;
  int kept = 0;
  for (int tries = 0; tries < 10'000; ++tries) {
    const auto day = see(database, [](ReadTransaction& tx) { return tx.roll_up().next(kFarAway); });
    if (!day) return kept;
    bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().mark(*day); });
    bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().settle(*day); });
    const auto figures =
        see(database, [&](ReadTransaction& tx) { return tx.roll_up().count(*day); });
    if (!figures) {
      std::this_thread::sleep_for(std::chrono::milliseconds{1}); // a server writes for itself
    } else if (bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().keep(*figures); })) {
      ++kept;
    }
  }
  FAIL("there is always a day left");
  return kept;
}

void together(int threads, const std::function<void(int)>& work) {
  std::latch start(threads);
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) {
    running.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
}

std::ptrdiff_t count_of(const std::vector<std::string>& outcomes, std::string_view wanted) {
  return std::count(outcomes.begin(), outcomes.end(), wanted);
}

Username username(std::string_view text) { return must(Username::parse(text)); }
Email email(std::string_view text) { return must(Email::parse(text)); }
FileName file_name(std::string_view text) { return must(FileName::parse(text)); }
FilePath file_path(std::string_view text) { return must(FilePath::parse(text)); }
SessionId session_id(int number) { return {hex_number(number, 32)}; }
BlobId blob_id(int number) { return {hex_number(number, 32)}; }
UploadId upload_id(int number) { return {hex_number(number, 64)}; }
ShareId share_id(int number) { return {hex_number(number, 32)}; }
InstanceId instance_id(int number) { return {hex_number(number, 32)}; }

Sha256Digest sha256_of(int number) {
  Sha256Digest digest;
  for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
    digest.bytes[i] = static_cast<std::uint8_t>(static_cast<std::size_t>(number) * 7 + i * 11);
  }
  digest.bytes[0] = static_cast<std::uint8_t>(number);
  digest.bytes[1] = static_cast<std::uint8_t>(number >> 8);
  return digest;
}

RefreshTokenHash refresh_hash(int number) { return {sha256_of(number)}; }

Content content(int blob, std::int64_t size) {
  return {blob_id(blob), size, sha256_of(blob), std::nullopt};
}

NewUser new_user(std::string_view name) {
  NewUser user{.username = username(name)};
  user.password = PasswordHash{Secret{"$argon2id$v=19$hash of " + std::string{name}}};
  user.created_at = kNow;
  return user;
}

NewFileEntry new_directory(const FileEntry& parent, std::string_view name) {
  return {.parent = parent.id,
          .name = file_name(name),
          .kind = FileKind::directory,
          .owner = parent.owner,
          .created_at = kNow,
          .modified_at = kNow};
}

NewFileEntry new_file(const FileEntry& parent, std::string_view name, const Content& content) {
  auto entry = new_directory(parent, name);
  entry.kind = FileKind::file;
  entry.content = content;
  return entry;
}

Session new_session(int number, UserId user) {
  Session session{.id = session_id(number), .user = user};
  session.created_at = kNow;
  session.last_used_at = kNow;
  session.expires_at = kNow + std::chrono::hours{168};
  session.client.ip_address = IpAddress::parse("192.0.2.7");
  session.client.user_agent = "contract/1.0";
  return session;
}

PendingUpload new_upload(int number, UserId creator, std::string_view target, std::int64_t length) {
  PendingUpload upload{
      .id = upload_id(number), .creator = creator, .target = file_path(target), .length = length};
  upload.created_at = kNow;
  upload.expires_at = kNow + std::chrono::hours{24};
  return upload;
}

User add_user(Database& database, std::string_view name) {
  const auto fresh = new_user(name);
  return change(database, [&](WriteTransaction& tx) { return tx.users().insert(fresh); });
}

FileEntry add_home(Database& database, const User& user) {
  const NewFileEntry home{.name = file_name(user.username.str()),
                          .kind = FileKind::directory,
                          .owner = user.id,
                          .created_at = kNow,
                          .modified_at = kNow};
  return change(database, [&](WriteTransaction& tx) { return tx.files().insert(home); });
}

FileEntry add_directory(Database& database, const FileEntry& parent, std::string_view name) {
  const auto fresh = new_directory(parent, name);
  return change(database, [&](WriteTransaction& tx) { return tx.files().insert(fresh); });
}

FileEntry add_file(Database& database, const FileEntry& parent, std::string_view name,
                   const Content& content) {
  const auto fresh = new_file(parent, name, content);
  return change(database, [&](WriteTransaction& tx) { return tx.files().insert(fresh); });
}

Grant new_grant(const FileEntry& file, const User& grantee, Rights rights) {
  return Grant{.file = file.id,
               .grantee = grantee.username,
               .account = grantee.id,
               .rights = rights,
               .giver = file.owner,
               .granted_by = "anna",
               .created_at = kNow};
}

Grant add_grant(Database& database, const FileEntry& file, const User& grantee, Rights rights) {
  const Grant grant = new_grant(file, grantee, rights);
  change(database, [&](WriteTransaction& tx) { return tx.grants().put(grant); });
  return grant;
}

std::string describe(const User& user) {
  return Description{}("id", user.id)("username", user.username)("email", user.email)(
             "role", to_string(user.role))("enabled", user.enabled)("quota", user.quota_bytes)(
             "used", user.used_bytes)("files", user.file_count)("entries", user.entry_count)(
             "tree", user.tree_version)("created", user.created_at)("updated", user.updated_at)(
             "after", user.events_after)("trash", user.trash_bytes)("versions", user.version_bytes)
      .str();
}

std::string describe(const Session& session) {
  return Description{}("id", session.id)("user", session.user)("created", session.created_at)(
             "used", session.last_used_at)("expires", session.expires_at)(
             "revoked", session.revoked_at)("ip", session.client.ip_address)(
             "peer", session.client.peer_address)("agent", session.client.user_agent)
      .str();
}

std::string describe(const Key& key) {
  std::string networks;
  for (const auto& network : key.allow_from) networks += network.str() + ' ';
  return Description{}("id", key.id)("owner", key.owner)("name", key.name)(
             "scopes", key.scopes.to_text())("root", key.root)(
             "protocols", key.protocols.to_text())("from", networks)("created", key.created_at)(
             "expires", key.expires_at)("used", key.last_used_at)("ip", key.last_used_ip)
      .str();
}

std::string describe(const Grant& grant) {
  return Description{}("file", grant.file)("grantee", grant.grantee)("account", grant.account)(
             "rights", std::int64_t{grant.rights.bits()})("giver", grant.giver)(
             "by", grant.granted_by)("on", grant.given_on)("created", grant.created_at)
      .str();
}

Share new_share(int number, const FileEntry& file, const User& creator) {
  return Share{.id = share_id(number),
               .file = file.id,
               .home = file.owner,
               .creator = creator.id,
               .rights = {.read = true},
               .secret = sha256_of(number),
               .created_at = kNow + number * kSecond};
}

Share add_share(Database& database, int number, const FileEntry& file, const User& creator) {
  const Share share = new_share(number, file, creator);
  change(database, [&](WriteTransaction& tx) { return tx.shares().insert(share); });
  return share;
}

std::string describe(const Share& share) {
  const auto hash = share.password ? std::optional{std::string{share.password->phc.reveal()}}
                                   : std::optional<std::string>{};
  return Description{}("id", share.id)("file", share.file)("home", share.home)(
             "creator", share.creator)("rights", share.rights.to_text())("secret", share.secret)(
             "generation", share.generation)("password", hash)("expires", share.expires_at)(
             "max_uses", share.max_uses)("uses", share.uses)("max_bytes", share.max_bytes)(
             "used_bytes", share.used_bytes)("note", share.note)("created", share.created_at)(
             "used", share.last_used_at)("ended", share.ended_at)
      .str();
}

std::string describe(const Content& content) {
  return Description{}("blob", content.blob)("size", content.size)("sha256", content.sha256)(
             "sha1", content.sha1)
      .str();
}

std::string describe(const FileEntry& entry) {
  return Description{}("id", entry.id)("parent", entry.parent)("name", entry.name)(
             "kind", to_string(entry.kind))("content", entry.content)("owner", entry.owner)(
             "created", entry.created_at)("modified", entry.modified_at)(
             "versions", entry.version_bytes)("records", entry.pending_records)
      .str();
}

std::string describe(const PendingUpload& upload) {
  const auto share = upload.share ? std::optional{upload.share->id} : std::nullopt;
  const auto shown = upload.share ? upload.share->shown.str() : "";
  return Description{}("id", upload.id)("share", share)("shown", shown)("creator", upload.creator)(
             "target", upload.target.str())("length", upload.length)("offset", upload.offset)(
             "overwrite", upload.overwrite)("parents", upload.parents)("expected", upload.expected)(
             "created", upload.created_at)("expires", upload.expires_at)
      .str();
}

std::string describe(const NewAuditEvent& event) {
  return Description{}("time", event.timestamp)("type", to_string(type_of(event.action)))(
             "action", to_string(event.action))("user", event.user)("resource", event.resource)(
             "success", event.success)("error", event.error_message)("details", event.details)(
             "ip", event.ip_address)("agent", event.user_agent)("account", event.account)
      .str();
}

std::string describe(const AuditEvent& event) {
  return Description{}("id", event.id)("time", event.timestamp)("type", to_string(event.type))(
             "action", event.action)("user", event.user)("resource", event.resource)(
             "success", event.success)("error", event.error_message)("details", event.details)(
             "ip", event.ip_address)("agent", event.user_agent)
      .str();
}

std::string describe(const Seal& seal) {
  return Description{}("number", seal.number)("first", seal.first_sequence)(
             "last", seal.last_sequence)("count", seal.count)("root", seal.root)(
             "previous", seal.previous)("sealed", seal.sealed_at)("recovered", seal.recovered)(
             "key", seal.key_id)("signature", to_hex(seal.signature))
      .str();
}

std::string describe(const PruneRecord& record) {
  return Description{}("last_seal", record.last_seal)("last_sequence", record.last_sequence)(
             "events", record.events)("pruned", record.pruned_at)("key", record.key_id)(
             "signature", to_hex(record.signature))
      .str();
}

} // namespace baluhost::contract
