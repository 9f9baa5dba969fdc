#include "baluhost/crypto/key_directory.hpp"

#include "baluhost/domain/digest.hpp"
#include "baluhost/ports/seal_signer.hpp"
#include "ed25519.hpp"
#include "key_files.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

// Readers take a snapshot and never wait for a load. Whether another program changed the directory
// is told by its modification time: a time that was not seen yet is reason enough for a load. Two
// changes within one tick of the file system's clock leave one time, so a directory that changed
// within the last two seconds of the load is loaded once more, as is one that could not be loaded;
// not more often than each 10 ms, since strangers may ask for keys that do not exist.
namespace baluhost {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kKidBytes = 8;
constexpr unsigned kSecretMode = 0600;
constexpr unsigned kPublicMode = 0644;
constexpr std::chrono::microseconds kLookInterval = std::chrono::seconds(1);
constexpr std::chrono::microseconds kReloadInterval = std::chrono::milliseconds(10);
constexpr std::int64_t kSettledAfter = 2'000'000'000; // nanoseconds

/// Whether a key of `kind` encrypts what is kept: its name tells then which one it is, so that a
/// file with another key is found before anything is read with it.
bool encrypts(KeyKind kind) { return kind == KeyKind::factor || kind == KeyKind::content; }

/// Tells which key a key of `kind`, which encrypts, is, and nothing else of it.
std::string fingerprint(KeyKind kind, const Secret& key) {
  const auto label = "baluhost " + std::string{to_string(kind)} + " key";
  return to_hex(ed25519::hmac(key, label).view().substr(0, kKidBytes));
}

Error holds_another(const std::string& name) {
  return Error{Errc::conflict,
               name + " holds another key than its name says: put the right file back"};
}

Result<Secret> parse_secret(const Secret& file, KeyKind kind, const std::string& name) {
  auto text = file.reveal();
  while (text.ends_with('\n')) text.remove_suffix(1);
  auto bytes = from_hex(text);
  if (!bytes || bytes->size() != kSecretBytes) {
    const char* advice = encrypts(kind)
                             ? "put it back from a backup, for nothing else reads what it encrypted"
                             : "delete it, start baluhostd if it was the only one, then run "
                               "baluhostctl keys rotate";
    return Error{Errc::conflict, name + " is not a key of 256 bits (64 hex digits): " + advice};
  }
  return Secret(*std::move(bytes));
}

/// `kind` is none of seals.
template <class Keys>
auto& secrets_of(Keys& keys, KeyKind kind) {
  if (kind == KeyKind::content) return keys.content;
  if (kind == KeyKind::factor) return keys.factor;
  return kind == KeyKind::access ? keys.access : keys.refresh;
}

/// Adds the key that the file `name` holds, the newest of its kind first. conflict.
Result<void> add_key(KeySet& keys, KeyInfo info, const Secret& file, const std::string& name) {
  if (info.kind == KeyKind::seal) {
    BALUHOST_TRY(auto key, ed25519::parse_private_pem(file, name));
    if (ed25519::key_id(key.get()) != info.kid) return holds_another(name);
    BALUHOST_TRY(auto mac_key, ed25519::mac_key(key.get()));
    info.current = keys.seal.empty();
    keys.seal.push_back({std::move(info), std::move(key), std::move(mac_key)});
    return {};
  }
  BALUHOST_TRY(auto secret, parse_secret(file, info.kind, name));
  if (encrypts(info.kind) && fingerprint(info.kind, secret) != info.kid) return holds_another(name);
  auto& kind = secrets_of(keys, info.kind);
  info.current = kind.empty();
  kind.push_back({std::move(info), std::move(secret)});
  return {};
}

Result<KeySet> load(const KeyFiles& files) {
  BALUHOST_TRY(auto infos, files.list());
  KeySet keys;
  for (auto& info : infos) {
    const auto name = key_file_name(info);
    auto file = files.read_secret(name);
    if (!file && file.error().code == Errc::not_found) continue; // deleted since it was listed
    if (!file) return std::move(file).error();
    BALUHOST_CHECK(add_key(keys, std::move(info), *file, name));
  }
  return keys;
}

Result<void> require_all_kinds(const KeySet& keys, const std::string& path) {
  if (!keys.access.empty() && !keys.refresh.empty() && !keys.seal.empty()) return {};
  return Error{Errc::not_found, path +
                                    " lacks a key for access tokens, refresh tokens or seals: "
                                    "start baluhostd once, or put the "
                                    "keys of a backup there"};
}

std::string public_pem(const KeySet& keys) {
  std::string pem;
  for (const auto& key : keys.seal) pem += ed25519::public_pem(key.key.get());
  return pem;
}

struct NewKey {
  KeyInfo info;
  Secret file;
};

/// A key of `kind`, later than `newest`, whatever the clock says.
Result<NewKey> draw_key(KeyKind kind, const KeyInfo* newest, RandomSource& random,
                        const Clock& clock) {
  KeyInfo info{kind, {}, clock.now(), true};
  if (newest)
    info.created_at = std::max(info.created_at, newest->created_at + std::chrono::microseconds(1));
  BALUHOST_TRY(auto bytes, random.bytes(kSecretBytes));
  const Secret raw(std::move(bytes));
  Secret file;
  if (kind == KeyKind::seal) {
    BALUHOST_TRY(const auto key, ed25519::from_raw_private(raw));
    info.kid = ed25519::key_id(key.get());
    BALUHOST_TRY(file, ed25519::private_pem(key.get()));
  } else if (encrypts(kind)) {
    info.kid = fingerprint(kind, raw);
    file = Secret(to_hex(raw.reveal()) + '\n');
  } else {
    BALUHOST_TRY(const auto kid, random.bytes(kKidBytes));
    info.kid = to_hex(kid);
    file = Secret(to_hex(raw.reveal()) + '\n');
  }
  return NewKey{std::move(info), std::move(file)};
}

/// The same in `files`, which the caller has locked.
Result<KeyInfo> make_key(const KeyFiles& files, KeyKind kind, const KeyInfo* newest,
                         RandomSource& random, const Clock& clock) {
  BALUHOST_TRY(auto key, draw_key(kind, newest, random, clock));
  BALUHOST_CHECK(files.write(key_file_name(key.info), key.file.reveal(), kSecretMode));
  return std::move(key.info);
}

template <class Keys>
const KeyInfo* newest_of(const Keys& keys) {
  return keys.empty() ? nullptr : &keys.front().info;
}

const KeyInfo* newest_of(const KeySet& keys, KeyKind kind) {
  switch (kind) {
    case KeyKind::access:
      return newest_of(keys.access);
    case KeyKind::refresh:
      return newest_of(keys.refresh);
    case KeyKind::seal:
      return newest_of(keys.seal);
    case KeyKind::factor:
      return newest_of(keys.factor);
    case KeyKind::content:
      return newest_of(keys.content);
  }
  return nullptr;
}

/// Brings the public file up to date, which a crash may have left behind.
Result<void> write_public_keys(const KeyFiles& files, const KeySet& keys) {
  const auto pem = public_pem(keys);
  BALUHOST_TRY(const auto present, files.read_public(kSealKeysFile));
  return present == pem ? Result<void>{} : files.write(kSealKeysFile, pem, kPublicMode);
}

Error in_memory_alone() { return invalid("keys that are in memory alone stay as they are"); }

} // namespace

struct KeyDirectory::State {
  State(std::string where, RandomSource& random_source, const Clock& the_clock)
      : path(std::move(where)), random(random_source), clock(the_clock) {}

  std::shared_ptr<const KeySet> snapshot() const {
    const std::lock_guard lock(snapshot_mutex);
    return keys;
  }

  Result<void> reload_from(const KeyFiles& files) {
    BALUHOST_TRY(const auto time, files.change_time());
    BALUHOST_TRY(auto loaded, load(files));
    BALUHOST_CHECK(require_all_kinds(loaded, path));
    loaded_time = time;
    const auto now =
        std::chrono::system_clock::now().time_since_epoch(); // the clock that stamps files
    settled = std::chrono::nanoseconds(now).count() - time > kSettledAfter;
    auto fresh = std::make_shared<const KeySet>(std::move(loaded));
    const std::lock_guard lock(snapshot_mutex);
    keys = std::move(fresh);
    return {};
  }

  std::shared_ptr<const KeySet> look() {
    if (is_in_memory()) return snapshot();
    const std::lock_guard lock(change_mutex);
    const auto now = clock.monotonic();
    last_look = now.count();
    if (auto files = KeyFiles::open(path)) {
      const auto time = files->change_time();
      const bool changed = time && *time != tried_time;
      const bool uncertain = !settled || (time && *time != loaded_time);
      if (changed || (uncertain && now - last_reload >= kReloadInterval)) {
        last_reload = now;
        if (time) tried_time = *time;
        // What cannot be loaded changes nothing.
        (void)reload_from(*files);
      }
    }
    return snapshot();
  }

  bool is_in_memory() const noexcept { return path.empty(); }

  const std::string path;
  RandomSource& random;
  const Clock& clock;

  mutable std::mutex snapshot_mutex;
  std::shared_ptr<const KeySet> keys;

  std::mutex change_mutex; ///< for what follows, and one load at a time
  std::int64_t loaded_time{};
  std::int64_t tried_time{}; ///< of the last look that found a change, loaded or not
  bool settled{false};
  std::chrono::microseconds last_reload{std::chrono::microseconds::min() / 2};
  std::atomic<std::int64_t> last_look{};
};

KeyDirectory::KeyDirectory(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyDirectory::~KeyDirectory() = default;

Result<std::unique_ptr<KeyDirectory>> KeyDirectory::open(const std::string& path, Missing missing,
                                                         RandomSource& random, const Clock& clock) {
  if (missing == Missing::create) BALUHOST_CHECK(KeyFiles::make_directory(path));
  BALUHOST_TRY(const auto files, KeyFiles::open(path));
  if (missing == Missing::create) {
    BALUHOST_CHECK(files.lock());
    BALUHOST_TRY(auto keys, load(files));
    for (const auto kind : kKeyKinds) {
      if (!newest_of(keys, kind)) BALUHOST_CHECK(make_key(files, kind, nullptr, random, clock));
    }
    BALUHOST_TRY(keys, load(files));
    BALUHOST_CHECK(write_public_keys(files, keys));
  }
  auto state = std::make_unique<State>(path, random, clock);
  BALUHOST_CHECK(state->reload_from(files));
  state->last_look = clock.monotonic().count();
  return std::unique_ptr<KeyDirectory>(new KeyDirectory(std::move(state)));
}

Result<std::unique_ptr<KeyDirectory>> KeyDirectory::in_memory(RandomSource& random,
                                                              const Clock& clock) {
  KeySet keys;
  for (const auto kind : kKeyKinds) {
    BALUHOST_TRY(auto key, draw_key(kind, nullptr, random, clock));
    BALUHOST_CHECK(add_key(keys, std::move(key.info), key.file, "a key in memory"));
  }
  auto state = std::make_unique<State>(std::string{}, random, clock);
  state->keys = std::make_shared<const KeySet>(std::move(keys));
  return std::unique_ptr<KeyDirectory>(new KeyDirectory(std::move(state)));
}

std::vector<KeyInfo> KeyDirectory::list() const {
  const auto keys = state_->snapshot();
  std::vector<KeyInfo> infos;
  for (const auto& key : keys->access) infos.push_back(key.info);
  for (const auto& key : keys->refresh) infos.push_back(key.info);
  for (const auto& key : keys->seal) infos.push_back(key.info);
  for (const auto& key : keys->factor) infos.push_back(key.info);
  for (const auto& key : keys->content) infos.push_back(key.info);
  return infos;
}

Result<std::vector<KeyInfo>> KeyDirectory::rotate() {
  if (state_->is_in_memory()) return in_memory_alone();
  const std::lock_guard lock(state_->change_mutex);
  BALUHOST_TRY(const auto files, KeyFiles::open(state_->path));
  BALUHOST_CHECK(files.lock());
  BALUHOST_TRY(auto keys, load(files));
  // Before there is a new one: what seals with it needs the file.
  BALUHOST_CHECK(write_public_keys(files, keys));
  std::vector<KeyInfo> made;
  for (const auto kind : kKeyKinds) {
    BALUHOST_TRY(auto info,
                 make_key(files, kind, newest_of(keys, kind), state_->random, state_->clock));
    made.push_back(std::move(info));
  }
  BALUHOST_TRY(keys, load(files));
  BALUHOST_CHECK(write_public_keys(files, keys));
  BALUHOST_CHECK(state_->reload_from(files));
  return made;
}

Result<std::vector<KeyInfo>> KeyDirectory::remove_replaced(KeyKind kind,
                                                           Timestamp replaced_before) {
  if (kind == KeyKind::seal)
    return invalid("seal keys are kept: the seals that they signed need them");
  if (kind == KeyKind::content)
    return invalid("keys of contents are kept: what they encrypted needs them");
  if (state_->is_in_memory()) return in_memory_alone();
  const std::lock_guard lock(state_->change_mutex);
  BALUHOST_TRY(const auto files, KeyFiles::open(state_->path));
  BALUHOST_CHECK(files.lock());
  BALUHOST_TRY(auto keys, load(files));
  const auto& present = secrets_of(keys, kind);
  std::vector<KeyInfo> removed;
  for (std::size_t i = 1; i < present.size(); ++i) {
    if (present[i - 1].info.created_at >= replaced_before) continue;
    BALUHOST_CHECK(files.remove(key_file_name(present[i].info)));
    removed.push_back(present[i].info);
  }
  BALUHOST_CHECK(state_->reload_from(files));
  return removed;
}

Result<void> KeyDirectory::reload() {
  if (state_->is_in_memory()) return {};
  const std::lock_guard lock(state_->change_mutex);
  BALUHOST_TRY(const auto files, KeyFiles::open(state_->path));
  return state_->reload_from(files);
}

std::string KeyDirectory::public_keys_pem() const { return public_pem(*state_->snapshot()); }

std::shared_ptr<const KeySet> KeyDirectory::keys() {
  if (state_->clock.monotonic().count() - state_->last_look.load() < kLookInterval.count())
    return state_->snapshot();
  return state_->look();
}

std::shared_ptr<const KeySet> KeyDirectory::refreshed_keys() { return state_->look(); }

} // namespace baluhost
