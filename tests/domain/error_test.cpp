#include "baluhost/domain/error.hpp"
#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <memory>
#include <set>
#include <sstream>
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

TEST_CASE("a chain of results ends with the first error") {
  const auto words = [](int number) { return std::string(static_cast<std::size_t>(number), 'x'); };
  CHECK(halved(8).and_then(halved).transform(words).value() == "xx");
  CHECK(halved(6).and_then(halved).transform(words).error().code == Errc::invalid_request);
  const auto kept = halved(4);
  CHECK(kept.transform(words).value_or("none") == "xx");
  CHECK(kept.value_or(0) == 2);
  CHECK(checked(2).transform([] { return 7; }).value() == 7);
  CHECK(checked(2).and_then([] { return halved(8); }).value() == 4);
  int seen = 0;
  CHECK(halved(8).transform([&](int half) { seen = half; }).has_value());
  CHECK(seen == 4);
  CHECK_FALSE(halved(3).transform([&](int) { seen = -1; }));
  CHECK(seen == 4);
}

TEST_CASE("a chain of results takes another way after an error, and moves what cannot be copied") {
  CHECK(halved(3).or_else([](const Error&) { return 0; }).value() == 0);
  CHECK(halved(3).or_else([](Error error) -> Result<int> { return error; }).error().code ==
        Errc::invalid_request);
  CHECK(halved(4).or_else([](const Error&) { return 0; }).value() == 2);
  CHECK(checked(3).or_else([](const Error&) { return Result<void>{}; }).has_value());
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto number = make().transform([](std::unique_ptr<int> held) { return *held; });
  CHECK(number.value() == 7);
  CHECK(*make().or_else([](const Error&) { return nullptr; }).value() == 7);
}

TEST_CASE("an error says all of it in one line") {
  const auto text = [](const auto& value) {
    std::ostringstream out;
    out << value;
    return out.str();
  };
  CHECK(Error{Errc::conflict}.message() == "conflict");
  CHECK(text(Error{Errc::not_found, "no such file"}) == "not_found: no such file");
  CHECK(text(halved(3)) == "invalid_request: must be even");
  CHECK(invalid("must be even").at("/size").message() ==
        "invalid_request: must be even; /size: must be even");
  CHECK(text(halved(4)) == "ok");
  CHECK(text(checked(3)) == "invalid_request: must be even");
  CHECK(text(checked(2)) == "ok");
  CHECK(text(Errc::forbidden) == "forbidden");
}

#ifndef NDEBUG
TEST_CASE("the half that a result has not fails an assertion") {
  const auto ends = [](const auto& read) {
    const pid_t child = fork();
    if (child == 0) {
      close(STDERR_FILENO);
      signal(SIGABRT, SIG_DFL);
      read();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  };
  CHECK(ends([] { (void)halved(3).value(); }));
  CHECK(ends([] { (void)*halved(3); }));
  CHECK(ends([] { (void)halved(4).error(); }));
  CHECK(ends([] { (void)checked(2).error(); }));
  CHECK_FALSE(ends([] { (void)halved(4).value(); }));
}
#endif

TEST_CASE("ids of one kind order by their number and hash") {
  CHECK(UserId{1} < UserId{2});
  CHECK(SessionId{"a"} != SessionId{"b"});
  CHECK(std::unordered_set<UserId>{UserId{1}, UserId{1}, UserId{2}}.size() == 2);
  static_assert(!std::is_convertible_v<UserId, FileId>);
}

TEST_CASE("a plain function is borrowed like an object, and a pointer to one too") {
  const FunctionRef<Result<int>(int)> function = halved;
  CHECK(function(8).value() == 4);
  Result<int> (*pointer)(int) = quartered;
  const FunctionRef<Result<int>(int)> pointed = pointer;
  CHECK(pointed(8).value() == 2);
}

TEST_CASE("a borrowed callable keeps the state of what it borrows") {
  int sum = 0;
  auto add = [&sum](int number) { return sum += number; };
  const FunctionRef<int(int)> borrowed = add;
  borrowed(2);
  CHECK(borrowed(3) == 5);
  CHECK(sum == 5);
}
