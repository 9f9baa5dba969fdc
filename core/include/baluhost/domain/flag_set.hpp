#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace baluhost {

/// A set of values of `Flag`, an enum whose values are single bits; `All` is all of them together.
template <class Flag, std::uint8_t All>
class FlagSet {
 public:
  /// No flag, one flag.
  constexpr FlagSet() = default;
  constexpr FlagSet(Flag flag) : bits_(static_cast<std::uint8_t>(flag)) {}

  /// All flags; those of `bits`, without others.
  static constexpr FlagSet all() { return from_bits(All); }
  static constexpr FlagSet from_bits(std::uint8_t bits) {
    FlagSet set;
    set.bits_ = bits & All;
    return set;
  }

  /// Its flags as bits.
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }

  /// Whether it has none.
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }

  /// Whether it has all of `other`.
  [[nodiscard]] constexpr bool includes(FlagSet other) const {
    return (bits_ & other.bits_) == other.bits_;
  }

  /// Both together.
  constexpr FlagSet& operator|=(FlagSet other) {
    bits_ |= other.bits_;
    return *this;
  }

  /// Both together; what both have; `a` without `b`.
  friend constexpr FlagSet operator|(FlagSet a, FlagSet b) { return a |= b; }
  friend constexpr FlagSet operator&(FlagSet a, FlagSet b) { return from_bits(a.bits_ & b.bits_); }
  friend constexpr FlagSet operator-(FlagSet a, FlagSet b) { return from_bits(a.bits_ & ~b.bits_); }
  constexpr bool operator==(const FlagSet&) const = default;

  /// In the order of their bits.
  [[nodiscard]] std::vector<Flag> list() const {
    std::vector<Flag> flags;
    for (unsigned bit = 1; bit <= All; bit <<= 1U) {
      if ((bits_ & bit) != 0) flags.push_back(static_cast<Flag>(bit));
    }
    return flags;
  }

  /// The names of the flags: "read,write".
  [[nodiscard]] std::string to_text() const {
    std::string text;
    for (const Flag flag : list()) {
      if (!text.empty()) text += ',';
      text += to_string(flag);
    }
    return text;
  }

 private:
  std::uint8_t bits_{};
};

} // namespace baluhost
