#include "baluhost/domain/error.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <string>
#include <unordered_set>

using namespace baluhost;

namespace {

Result<int> halved(int number) {
  if (number % 2 != 0) return invalid("must be even");
  return number / 2;
}
Result<int> quartered(int number) {
  BALUHOST_TRY(const int half, halved(number));
  return halved(half);
}
Result<void> checked(int number) {
  BALUHOST_CHECK(halved(number));
  return {};
}

} // namespace

TEST_CASE("every error has its own name, the one of the contract") {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::internal); ++code)
    names.insert(code_of(static_cast<Errc>(code)));
  CHECK(names == std::set<std::string_view>{"invalid_request",
                                            "digest_mismatch",
                                            "unauthenticated",
                                            "invalid_credentials",
                                            "second_factor_required",
                                            "second_factor_setup_required",
                                            "token_expired",
                                            "token_revoked",
                                            "forbidden",
                                            "not_found",
                                            "gone",
                                            "already_exists",
                                            "conflict",
                                            "precondition_failed",
                                            "payload_too_large",
                                            "quota_exceeded",
                                            "range_not_satisfiable",
                                            "rate_limited",
                                            "unavailable",
                                            "insufficient_storage",
                                            "client_disconnected",
                                            "internal"});
}

TEST_CASE("an error about a value learns which member it was") {
  const auto error = invalid("must be even").at("/0").at("/numbers");
  CHECK(error.code == Errc::invalid_request);
  REQUIRE(error.fields.size() == 1);
  CHECK(error.fields[0].pointer == "/numbers/0");
  CHECK(error.fields[0].detail == "must be even");
}

TEST_CASE("a result hands on its value or its error") {
  CHECK(*quartered(8) == 2);
  CHECK(quartered(6).error().code == Errc::invalid_request);
  CHECK(quartered(7).error().code == Errc::invalid_request);
  CHECK(checked(2).has_value());
  CHECK(checked(3).error().detail == "must be even");
  CHECK(halved(3).value_or(-1) == -1);
  CHECK(halved(4).value_or(-1) == 2);
}

TEST_CASE("a result moves what cannot be copied") {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto pass = [&]() -> Result<int> {
    BALUHOST_TRY(auto number, make());
    return *number;
  };
  CHECK(*pass() == 7);
}

TEST_CASE("ids of one kind order by their number and hash") {
  CHECK(UserId{1} < UserId{2});
  CHECK(SessionId{"a"} != SessionId{"b"});
  CHECK(std::unordered_set<UserId>{UserId{1}, UserId{1}, UserId{2}}.size() == 2);
  static_assert(!std::is_convertible_v<UserId, FileId>);
}

TEST_CASE("a borrowed callable keeps the state of what it borrows") {
  int sum = 0;
  auto add = [&sum](int number) { return sum += number; };
  const FunctionRef<int(int)> borrowed = add;
  borrowed(2);
  CHECK(borrowed(3) == 5);
  CHECK(sum == 5);
}
