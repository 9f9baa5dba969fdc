#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

/// What the suites are written with: sections and checks as many test frameworks have them, which
/// belong to none. Checks may be made on the thread of the section only.
namespace baluhost::contract {

/// Whether the section of that name is to run now.
bool enter(std::string_view name);

/// Notes what was broken, with what is known around it.
void broken(std::string seen);

/// Ends the section.
struct Abandoned {};

/// Says what is being looked at, as long as it lives.
class Context {
 public:
  explicit Context(std::string text);
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context();
};

template <class T>
std::string text_of(const T& value);

namespace detail {

template <class T>
void print(std::ostream& out, const std::optional<T>& value) {
  out << (value ? text_of(*value) : "none");
}
template <class T>
void print(std::ostream& out, const std::vector<T>& values) {
  out << '[';
  for (const auto& value : values) out << text_of(static_cast<const T&>(value)) << ' ';
  out << ']';
}
template <std::size_t N>
void print(std::ostream& out, const Digest<N>& digest) {
  out << digest.hex();
}
template <class Tag>
void print(std::ostream& out, const NumericId<Tag>& id) {
  out << id.value;
}
template <class Tag, std::size_t Bytes>
void print(std::ostream& out, const RandomId<Tag, Bytes>& id) {
  out << id.value;
}
inline void print(std::ostream& out, Timestamp time) { out << time.to_rfc3339(); }
inline void print(std::ostream& out, bool flag) { out << (flag ? "true" : "false"); }
template <class T>
void print(std::ostream& out, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    out << static_cast<std::int64_t>(value);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    out << '"' << std::string_view{value} << '"';
  } else if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "{…}";
  }
}

} // namespace detail

template <class T>
std::string text_of(const T& value) {
  std::ostringstream out;
  detail::print(out, value);
  return out.str();
}

/// What a check saw.
struct Seen {
  bool holds{false};
  std::string text;
};

// The operands of a check have whatever types the code has.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"

/// The left side of a comparison, or all of a condition.
template <class T>
class Operand {
 public:
  explicit Operand(const T& value) : value_(value) {}

  operator Seen() const { return {static_cast<bool>(value_), {}}; }
  template <class U>
  Seen operator==(const U& right) const {
    return compared(value_ == right, " == ", right);
  }
  template <class U>
  Seen operator!=(const U& right) const {
    return compared(value_ != right, " != ", right);
  }
  template <class U>
  Seen operator<(const U& right) const {
    return compared(value_ < right, " < ", right);
  }
  template <class U>
  Seen operator<=(const U& right) const {
    return compared(value_ <= right, " <= ", right);
  }
  template <class U>
  Seen operator>(const U& right) const {
    return compared(value_ > right, " > ", right);
  }
  template <class U>
  Seen operator>=(const U& right) const {
    return compared(value_ >= right, " >= ", right);
  }

 private:
  template <class U>
  Seen compared(bool holds, std::string_view sign, const U& right) const {
    if (holds) return {true, {}};
    return {false, text_of(value_).append(sign).append(text_of(right))};
  }

  const T& value_;
};

#pragma GCC diagnostic pop

struct Decomposer {
  template <class T>
  Operand<T> operator<<(const T& value) const {
    return Operand<T>{value};
  }
};

/// Notes what does not hold; false then.
bool check(const Seen& seen, bool wanted, std::string_view expression, const char* file, int line);

} // namespace baluhost::contract

#define SECTION(...) if (::baluhost::contract::enter(__VA_ARGS__))
#define BALUHOST_CONTRACT_CHECK_(wanted, ...)                                            \
  ::baluhost::contract::check(::baluhost::contract::Decomposer{} << __VA_ARGS__, wanted, \
                              #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK(...) static_cast<void>(BALUHOST_CONTRACT_CHECK_(true, __VA_ARGS__))
#define CHECK_FALSE(...) static_cast<void>(BALUHOST_CONTRACT_CHECK_(false, __VA_ARGS__))
#define REQUIRE(...)                                                                           \
  do {                                                                                         \
    if (!BALUHOST_CONTRACT_CHECK_(true, __VA_ARGS__)) throw ::baluhost::contract::Abandoned{}; \
  } while (false)
#define REQUIRE_FALSE(...)                                                                      \
  do {                                                                                          \
    if (!BALUHOST_CONTRACT_CHECK_(false, __VA_ARGS__)) throw ::baluhost::contract::Abandoned{}; \
  } while (false)
#define FAIL(...)                             \
  do {                                        \
    std::ostringstream said;                  \
    said << __VA_ARGS__;                      \
    ::baluhost::contract::broken(said.str()); \
    throw ::baluhost::contract::Abandoned{};  \
  } while (false)
#define INFO(...) BALUHOST_CONTRACT_INFO_(__LINE__, __VA_ARGS__)
#define BALUHOST_CONTRACT_INFO_(line, ...) BALUHOST_CONTRACT_INFO_AT_(line, __VA_ARGS__)
#define BALUHOST_CONTRACT_INFO_AT_(line, ...)                                         \
  const ::baluhost::contract::Context context_##line {                                \
    static_cast<const std::ostringstream&>(std::ostringstream{} << __VA_ARGS__).str() \
  }
