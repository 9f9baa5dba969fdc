// The database does not say which key a content needs; its first bytes do. On a large host that
// takes a while, so it goes on in the background, a little at a time.

#include "lost_keys.hpp"

#include "baluhost/crypto/encrypted_blob_store.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr std::size_t kAtOnce = 100;

} // namespace

Result<void> report_lost_factor_keys(SecondFactorService& second_factors,
                                     const std::string& keys_dir, const HostReport& report) {
  BALUHOST_TRY(const auto lost, second_factors.lost_keys());
  for (const auto& key : lost)
    report({Severity::error,
            "the key of second factors " + keys_dir + "/factor-*-" + key.key_id +
                ".key is missing or another: put it back from a backup; until then logins with a "
                "code fail, and recovery codes work. If it is lost for good, run baluhostctl user "
                "reset-totp for each account",
            {{"accounts", std::to_string(key.seeds)}}});
  return {};
}

Result<void> LostContentKeys::look(std::chrono::microseconds time) {
  if (is_done_ || backend_.stored_blobs == nullptr) return {};
  const auto until = backend_.clock->monotonic() + time;
  while (!is_done_ && backend_.clock->monotonic() < until) {
    BALUHOST_TRY(const auto page, query(*backend_.database, [&](ReadTransaction& tx) {
                   return tx.files().contents(after_, kAtOnce);
                 }));
    is_done_ = page.empty();
    for (const Content& content : page) count(content.blob);
    if (!page.empty()) after_ = page.back().blob;
  }
  tell();
  return {};
}

/// What is not there, or cannot be read, is a scrub's matter.
void LostContentKeys::count(const BlobId& blob) {
  const auto stored = backend_.stored_blobs->open(blob);
  if (!stored) return;
  const auto key = key_of_content(**stored);
  if (key && *key) ++needs_[**key].contents;
}

void LostContentKeys::tell() {
  const auto keys = backend_.keys->list();
  for (auto& [id, need] : needs_) {
    const bool is_there = std::ranges::any_of(keys, [&, &kid = id](const KeyInfo& key) {
      return key.kind == KeyKind::content && key.kid == kid;
    });
    if (is_there || need.told == need.contents || (need.told > 0 && !is_done_)) continue;
    need.told = need.contents;
    report_({Severity::error,
             "the key of contents " + keys_dir_ + "/content-*-" + id +
                 ".key is missing: put it back from a backup; until then downloads of the contents "
                 "that need it fail. If it is lost for good, so are they: baluhostctl files scrub "
                 "names their files",
             {{"contents", std::to_string(need.contents)},
              {"all_looked_at", is_done_ ? "true" : "false"}}});
  }
}

} // namespace baluhost
