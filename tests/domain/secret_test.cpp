#include "baluhost/domain/secret.hpp"

#include <catch2/catch.hpp>

#include <concepts>
#include <new>
#include <ostream>
#include <string>

using namespace baluhost;

namespace {
template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
} // namespace

TEST_CASE("a secret cannot be printed or compared by accident") {
  static_assert(!Printable<Secret>);
  static_assert(!std::equality_comparable<Secret>);
  static_assert(!std::convertible_to<Secret, std::string_view>);
  static_assert(!std::convertible_to<std::string, Secret>);
  CHECK(Secret{"hunter2"}.reveal() == "hunter2");
  CHECK(Secret{}.empty());
}

TEST_CASE("secrets copy and move, and what was moved from is empty") {
  const auto text = GENERATE(std::string{"short"}, std::string(100, 'x'));
  Secret first{text};
  const Secret copy = first;
  Secret moved = std::move(first);
  CHECK(copy.reveal() == text);
  CHECK(moved.reveal() == text);
  CHECK(first.empty()); // NOLINT: what is left is the point
  Secret assigned{"other"};
  assigned = copy;
  CHECK(assigned.reveal() == text);
  assigned = std::move(moved);
  CHECK(assigned.reveal() == text);
  CHECK(moved.empty()); // NOLINT
}

TEST_CASE("a secret that goes leaves no trace of a short text in its own memory") {
  alignas(Secret) unsigned char memory[sizeof(Secret)] = {};
  const auto bytes = [&] {
    return std::string_view{reinterpret_cast<const char*>(memory), sizeof(memory)};
  };
  auto* secret = new (memory) Secret{"hunter2"};
  REQUIRE(bytes().find("hunter2") != std::string_view::npos);
  const Secret taken = std::move(*secret);
  CHECK(bytes().find("unter") == std::string_view::npos);
  *secret = taken;
  REQUIRE(bytes().find("hunter2") != std::string_view::npos);
  secret->~Secret();
  CHECK(bytes().find("unter") == std::string_view::npos);
}

TEST_CASE("comparing in constant time compares") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("xbc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abcd"));
  CHECK_FALSE(equal_in_constant_time("", "a"));
}
