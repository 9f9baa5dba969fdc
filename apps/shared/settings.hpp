#pragma once

#include "configuration.hpp"
#include "toml_file.hpp"

#include "baluhost/domain/result.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// One key of the configuration: "server.listen".
struct Setting {
  std::string name;
  /// invalid_request: the one entry of `fields` says what is allowed.
  std::function<Result<void>(Configuration&, const RawValue&)> set;
  std::function<std::string(const Configuration&)> show; ///< as TOML, secrets redacted
};

/// All of them, section by section.
const std::vector<Setting>& settings();

/// Null: there is no such key.
const Setting* find_setting(std::string_view name);

/// Whether `item` is an address to listen on. invalid_request.
Result<void> check_listen(const std::string& item);

} // namespace baluhost
