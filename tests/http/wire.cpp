#include "wire.hpp"

#include <stdexcept>

namespace baluhost::test {

Json claims_of(const std::string& token) {
  const auto first = token.find('.');
  const auto second = token.find('.', first + 1);
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : token.substr(first + 1, second - first - 1)) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) throw std::runtime_error{"no token"};
    bits = (bits << 6) | static_cast<unsigned>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>((bits >> count) & 0xff);
    }
  }
  return Json::parse(out);
}

} // namespace baluhost::test
