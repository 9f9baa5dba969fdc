#include "identity/password_check.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

// What a hash costs depends on the settings that it was made with, and accounts keep theirs until
// they log in. So a password that does not fit is compared with one hash of each settings in use,
// whoever's name it was tried with; one that fits ends at the first.
namespace baluhost {
namespace {

constexpr std::size_t kRandomBytes = 16;
/// That are told apart; more would make a failed login too dear.
constexpr std::size_t kMostSettings = 8;
constexpr auto kDecoysFor = std::chrono::minutes{1};
/// The longest check counts for some 64 logins.
constexpr std::int64_t kCheckTimeDecay = 64;

/// What of a PHC string says what verifying it costs: all but salt and hash.
std::string_view settings_of(const PasswordHash& hash) {
  const auto text = hash.phc.reveal();
  const auto end = text.rfind('$');
  return end == std::string_view::npos || end == 0 ? text
                                                   : text.substr(0, text.rfind('$', end - 1));
}

} // namespace

Result<std::vector<PasswordHash>> hashes_in_use(ReadTransaction& tx) {
  std::vector<PasswordHash> found;
  std::string after;
  while (found.size() < kMostSettings) {
    BALUHOST_TRY(auto hash, tx.users().first_hash_after(after));
    if (!hash) break;
    after = std::string{settings_of(*hash)} + '%'; // which follows the dollar sign
    found.push_back(*std::move(hash));
  }
  return found;
}

bool PasswordCheck::is_due() {
  const std::lock_guard lock(mutex_);
  return decoys_.empty() || clock_.monotonic() >= decoys_until_;
}

// Without an account there is no settings in use, and the present one does.
Result<void> PasswordCheck::keep(std::vector<PasswordHash> hashes) {
  if (hashes.empty()) {
    BALUHOST_TRY(const auto password, random_.bytes(kRandomBytes));
    BALUHOST_TRY(auto hash, hasher_.hash(Secret{to_hex(password)}));
    hashes.push_back(std::move(hash));
  }
  const std::lock_guard lock(mutex_);
  decoys_ = std::move(hashes);
  decoys_until_ = clock_.monotonic() + kDecoysFor;
  return {};
}

/// The decoys, and for `own` none of its settings. Settings that are new among the accounts are
/// kept from now on.
std::vector<PasswordHash> PasswordCheck::decoys_beside(const PasswordHash* own) {
  const std::lock_guard lock(mutex_);
  auto decoys = decoys_;
  if (own == nullptr) return decoys;
  if (std::erase_if(decoys, [&](const auto& decoy) {
        return settings_of(decoy) == settings_of(*own);
      }) == 0) {
    decoys_.push_back(*own);
  }
  return decoys;
}

Result<bool> PasswordCheck::fits(const Result<Secret>& password, const PasswordHash* own) {
  const auto begun = clock_.monotonic();
  const auto& text = password ? *password : Secret{};
  if (own != nullptr) {
    BALUHOST_TRY(const bool fits, hasher_.verify(text, *own));
    if (fits && password) return true;
  }
  for (const auto& decoy : decoys_beside(own)) BALUHOST_CHECK(hasher_.verify(text, decoy));
  const auto took = (clock_.monotonic() - begun).count();
  const auto before = check_time_.load();
  check_time_ = std::max(took, before - before / kCheckTimeDecay);
  return false;
}

} // namespace baluhost
