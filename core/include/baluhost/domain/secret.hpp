#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace baluhost {

/// A password, key or token: it cannot be printed, formatted or compared by accident, and wipes its
/// memory when it goes.
class Secret {
 public:
  Secret() = default;

  /// Takes `text` over.
  explicit Secret(std::string text) : text_(std::move(text)) {}

  /// A copy; a move wipes what it moves from.
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  /// The bytes themselves. Every call of this is a place to look at in a review.
  [[nodiscard]] std::string_view reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

 private:
  void wipe() noexcept;
  std::string text_;
};

/// Compares in time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace baluhost
