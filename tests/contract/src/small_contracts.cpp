#include "baluhost/contract/anchor_log_contract.hpp"
#include "baluhost/contract/clock_contract.hpp"

#include "support.hpp"

#include <string>

namespace baluhost::contract {

void anchor_log_contract(const std::function<std::unique_ptr<AnchorLog>()>& make) {
  const auto log = make();

  SECTION("without an anchor there is none") { CHECK_FALSE(must(log->newest())); }

  SECTION("the newest anchor is the one of the highest number") {
    for (const int number : {1, 2, 3}) {
      must(log->append({SealNumber{number}, sha256_of(number)}));
      const auto newest = must(log->newest());
      REQUIRE(newest);
      CHECK(newest->number == SealNumber{number});
      CHECK(newest->seal_hash == sha256_of(number));
    }
    must(log->append({SealNumber{2}, sha256_of(99)}));
    CHECK(must(log->newest())->number == SealNumber{3});
    CHECK(must(log->newest())->seal_hash == sha256_of(3));
  }

  SECTION("large numbers and any bytes come back") {
    Sha256Digest digest;
    digest.bytes.fill(0xFF);
    must(log->append({SealNumber{9'223'372'036'854'775'807}, digest}));
    CHECK(must(log->newest())->number.value == 9'223'372'036'854'775'807);
    CHECK(must(log->newest())->seal_hash == digest);
  }

  SECTION("anchors appended from many threads at the same time stay whole") {
    constexpr int kThreads = 4;
    constexpr int kRounds = 10;
    std::vector<std::string> outcomes(kThreads * kRounds);
    together(kThreads, [&](int thread) {
      for (int round = 0; round < kRounds; ++round) {
        const int number = 1 + round * kThreads + thread;
        outcomes[static_cast<std::size_t>(number - 1)] =
            outcome(log->append({SealNumber{number}, sha256_of(number)}));
      }
    });
    CHECK(count_of(outcomes, "ok") == kThreads * kRounds);
    const auto newest = must(log->newest());
    REQUIRE(newest);
    CHECK(newest->number == SealNumber{kThreads * kRounds});
    CHECK(newest->seal_hash == sha256_of(kThreads * kRounds));
  }
}

void clock_contract(const Clock& clock) {
  SECTION("the wall clock is in the years of this project") {
    const auto year = clock.now().to_rfc3339().substr(0, 4);
    CHECK(year >= "2024");
    CHECK(year <= "2100");
  }

  SECTION("monotonic time never goes back, in any thread") {
    std::vector<std::string> outcomes(4);
    together(4, [&](int i) {
      auto last = clock.monotonic();
      bool went_back = false;
      for (int k = 0; k < 5000; ++k) {
        const auto next = clock.monotonic();
        went_back = went_back || next < last;
        last = next;
      }
      outcomes[static_cast<std::size_t>(i)] = went_back ? "went back" : "ok";
    });
    CHECK(count_of(outcomes, "ok") == 4);
  }
}

} // namespace baluhost::contract
