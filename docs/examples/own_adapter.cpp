// An adapter of one's own, and the suite that says whether it keeps the contract of its port: here
// an AnchorLog that keeps anchors in a string, which stands for whatever keeps them elsewhere.
#define CATCH_CONFIG_MAIN
#include <baluhost/contract/anchor_log_contract.hpp>
#include <baluhost/contract/catch2.hpp>

#include <catch2/catch.hpp>

#include <mutex>
#include <string>

namespace {

using namespace baluhost;

class StringAnchorLog final : public AnchorLog {
 public:
  Result<void> append(const Anchor& anchor) override {
    const std::lock_guard lock{mutex_};
    if (number_ >= anchor.number.value) return {}; // the newest has the highest number
    number_ = anchor.number.value;
    text_ = std::to_string(number_) + ' ' + anchor.seal_hash.hex();
    return {};
  }

  Result<std::optional<Anchor>> newest() const override {
    const std::lock_guard lock{mutex_};
    if (text_.empty()) return std::optional<Anchor>{};
    BALUHOST_TRY(const auto hash, Sha256Digest::parse_hex(text_.substr(text_.find(' ') + 1)));
    return std::optional{Anchor{SealNumber{number_}, hash}};
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t number_{0};
  std::string text_;
};

} // namespace

TEST_CASE("anchors in a string keep the contract of anchor logs") {
  baluhost::contract::check([&] {
    baluhost::contract::anchor_log_contract([] { return std::make_unique<StringAnchorLog>(); });
  });
}
