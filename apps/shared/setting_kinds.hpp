#pragma once

#include "settings.hpp"
#include "units.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <utility>

/// The kinds of settings: what each allows, how it is set and shown. `access` returns the member.
namespace baluhost {

inline Result<std::string> one_text(const RawValue& value, const char* allowed) {
  if (value.kind != RawValue::Kind::text) return invalid(allowed);
  return value.texts.front();
}

template <class Access>
Setting text_key(std::string name, Access access, const char* allowed = "text") {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            BALUHOST_TRY(access(c), one_text(value, allowed));
            return {};
          },
          [=](const Configuration& c) { return json_text(access(const_cast<Configuration&>(c))); }};
}

/// Text that `check` accepts, or none.
template <class Access>
Setting checked_key(std::string name, Access access,
                    const std::function<Result<void>(const std::string&)>& check) {
  auto key = text_key(std::move(name), access);
  key.set = [=](Configuration& c, const RawValue& value) -> Result<void> {
    BALUHOST_TRY(auto text, one_text(value, "text"));
    if (!text.empty()) BALUHOST_CHECK(check(text));
    access(c) = std::move(text);
    return {};
  };
  return key;
}

/// One of the values of an enum, by its name; a value without one is shown as no text.
template <class Access, class Value>
Setting choice_key(std::string name, Access access,
                   std::vector<std::pair<std::string, Value>> choices) {
  std::string allowed;
  for (const auto& choice : choices)
    allowed += (allowed.empty() ? "one of \"" : ", \"") + choice.first + "\"";
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            for (const auto& choice : choices) {
              if (value.kind != RawValue::Kind::text || value.texts.front() != choice.first)
                continue;
              access(c) = choice.second;
              return {};
            }
            return invalid(allowed);
          },
          [=](const Configuration& c) {
            for (const auto& choice : choices) {
              if (access(const_cast<Configuration&>(c)) == choice.second)
                return json_text(choice.first);
            }
            return json_text("");
          }};
}

template <class Access>
Setting list_key(std::string name, Access access,
                 const std::function<Result<void>(const std::string&)>& check) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            if (value.kind != RawValue::Kind::text && value.kind != RawValue::Kind::list) {
              return invalid("text or a list of texts");
            }
            for (const std::string& item : value.texts) BALUHOST_CHECK(check(item));
            access(c) = value.texts;
            return {};
          },
          [=](const Configuration& c) {
            std::vector<std::string> items;
            for (const std::string& item : access(const_cast<Configuration&>(c)))
              items.push_back(json_text(item));
            return fmt::format("[{}]", fmt::join(items, ", "));
          }};
}

template <class Access>
Setting integer_key(std::string name, Access access, std::int64_t low, std::int64_t high) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            std::int64_t number = 0;
            const std::string& digits = value.texts.empty() ? std::string{} : value.texts.front();
            const auto [end, failure] =
                std::from_chars(digits.data(), digits.data() + digits.size(), number);
            const bool typed = value.kind == RawValue::Kind::integer ||
                               (value.untyped && value.kind == RawValue::Kind::text);
            if (!typed || failure != std::errc{} || end != digits.data() + digits.size() ||
                number < low || number > high) {
              return invalid(fmt::format("a whole number from {} to {}", low, high));
            }
            access(c) = number;
            return {};
          },
          [=](const Configuration& c) {
            return std::to_string(access(const_cast<Configuration&>(c)));
          }};
}

template <class Access>
Setting flag_key(std::string name, Access access) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            const bool typed = value.kind == RawValue::Kind::boolean ||
                               (value.untyped && value.kind == RawValue::Kind::text);
            if (!typed || (value.texts.front() != "true" && value.texts.front() != "false"))
              return invalid("true or false");
            access(c) = value.texts.front() == "true";
            return {};
          },
          [=](const Configuration& c) {
            return access(const_cast<Configuration&>(c)) ? "true" : "false";
          }};
}

template <class Access>
Setting duration_key(std::string name, Access access, std::chrono::milliseconds low) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            BALUHOST_TRY(
                const auto written,
                one_text(value, "a whole number and one of ms, s, m, h, d, such as \"15m\""));
            BALUHOST_TRY(const auto duration, parse_duration(written));
            if (duration < low) return invalid(fmt::format("at least {}", format_duration(low)));
            access(c) = duration;
            return {};
          },
          [=](const Configuration& c) {
            return json_text(format_duration(access(const_cast<Configuration&>(c))));
          }};
}

template <class Access>
Setting size_key(std::string name, Access access) {
  return {std::move(name),
          [=](Configuration& c, const RawValue& value) -> Result<void> {
            if (value.kind != RawValue::Kind::text && value.kind != RawValue::Kind::integer) {
              return invalid(
                  "a whole number of bytes, or one with KiB, MiB, GiB or TiB, such as \"256MiB\"");
            }
            BALUHOST_TRY(access(c), parse_size(value.texts.front()));
            return {};
          },
          [=](const Configuration& c) {
            return json_text(format_size(access(const_cast<Configuration&>(c))));
          }};
}

} // namespace baluhost
