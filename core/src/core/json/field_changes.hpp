#pragma once

#include "baluhost/domain/details.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// What changed, field by field, as the details of an event have it.
class FieldChanges {
 public:
  /// `from` and `to` are JSON.
  FieldChanges& add(std::string_view field, std::string_view from, std::string_view to) {
    list_.push_back(
        JsonObject{}.add("field", field).add_json("from", from).add_json("to", to).str());
    return *this;
  }

  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::string str() const { return json_array(list_); }

  /// Of an event that tells nothing else.
  [[nodiscard]] JsonObject details() const {
    return std::move(JsonObject{}.add_json("changes", str()));
  }

 private:
  std::vector<std::string> list_;
};

} // namespace baluhost
