#include "baluhost/domain/ascii.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost;

namespace {

/// Every byte that `is` returns true for, in the order of their values.
template <class Is>
std::string all_that(Is is) {
  std::string found;
  for (int byte = 0; byte < 256; ++byte)
    if (is(static_cast<char>(byte))) found += static_cast<char>(byte);
  return found;
}

} // namespace

TEST_CASE("letters and digits are those of ASCII, and no byte of another character") {
  const std::string capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const std::string small = "abcdefghijklmnopqrstuvwxyz";
  const std::string digits = "0123456789";
  CHECK(all_that(is_upper) == capitals);
  CHECK(all_that(is_lower) == small);
  CHECK(all_that(is_digit) == digits);
  CHECK(all_that(is_letter) == capitals + small);
  CHECK(all_that(is_alphanumeric) == digits + capitals + small);
}

TEST_CASE("only letters of ASCII change their case") {
  CHECK(all_that([](char c) { return lower(c) != c; }) == all_that(is_upper));
  CHECK(all_that([](char c) { return upper(c) != c; }) == all_that(is_lower));
  for (char c = 'a'; c <= 'z'; ++c) CHECK(lower(upper(c)) == c);
}
