#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/document.h>

namespace baluhost::test {

/// A JSON value for assertions: what is missing or of another type is an exception, so that a test
/// fails there.
class Json {
 public:
  static Json parse(std::string_view text); ///< throws if it is not JSON

  [[nodiscard]] bool has(const char* member) const;
  [[nodiscard]] Json operator[](const char* member) const; ///< throws without it
  [[nodiscard]] Json operator[](std::size_t index) const;
  [[nodiscard]] Json operator[](int index) const {
    return (*this)[static_cast<std::size_t>(index)];
  }
  [[nodiscard]] std::size_t size() const;              ///< of an array or object
  [[nodiscard]] std::vector<std::string> keys() const; ///< sorted
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] double number() const;
  [[nodiscard]] bool flag() const;
  [[nodiscard]] bool is_null() const;
  [[nodiscard]] bool is_integer() const;
  [[nodiscard]] std::string dump() const;

 private:
  std::shared_ptr<rapidjson::Document> document_;
  const rapidjson::Value* value_{nullptr};
};

} // namespace baluhost::test
