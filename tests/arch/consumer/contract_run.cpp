#define CATCH_CONFIG_MAIN // of Catch2 2
#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
#include "baluhost/memory/memory_database.hpp"

namespace {

/// Keeps nothing.
class ForgetfulAnchorLog final : public baluhost::AnchorLog {
 public:
  baluhost::Result<void> append(const baluhost::Anchor&) override { return {}; }
  baluhost::Result<std::optional<baluhost::Anchor>> newest() const override {
    return std::optional<baluhost::Anchor>{};
  }
};

} // namespace

TEST_CASE("a database keeps the contract of users") {
  baluhost::contract::check(
      [&] { baluhost::contract::users_contract([] { return baluhost::make_memory_database(); }); });
}

TEST_CASE("a log that forgets its anchors does not keep the contract", "[!shouldfail]") {
  baluhost::contract::check([] {
    baluhost::contract::anchor_log_contract([] { return std::make_unique<ForgetfulAnchorLog>(); });
  });
}
