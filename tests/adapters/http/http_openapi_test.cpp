#include "routes/route_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <regex>
#include <string>

using namespace baluhost;
using namespace baluhost::http;

namespace {

/// "GET /api/v1/…" → whether it needs a login
using Operations = std::map<std::string, bool>;

/// What the document names, by the indentation of its lines: a path by two blanks, a method by
/// four, its `security: []` by six.
Operations documented() {
  std::ifstream file{BALUHOST_TEST_OPENAPI};
  const std::regex a_path{"  (/\\S*):"},
      a_method{"    (get|put|post|delete|options|head|patch|trace):"};
  Operations operations;
  std::string path, operation;
  std::smatch match;
  for (std::string line; std::getline(file, line);) {
    if (std::regex_match(line, match, a_path)) {
      path = match[1];
      operation.clear();
    } else if (std::regex_match(line, match, a_method)) {
      operation = match[1].str() + " " + path;
      std::transform(operation.begin(), operation.begin() + match.length(1), operation.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      CHECK(operations.emplace(operation, true).second);
    } else if (line == "      security: []") {
      REQUIRE_FALSE(operation.empty());
      operations[operation] = false;
    }
  }
  return operations;
}

Operations served() {
  Operations operations;
  for (const Route& route : api().routes)
    operations[std::string{to_string(route.method)} + " " + std::string{route.pattern}] =
        route.permission != Permission::anyone;
  return operations;
}

} // namespace

TEST_CASE(
    "The table of routes and the OpenAPI document name the same operations, open to strangers "
    "alike",
    "[http][routes]") {
  const Operations table = served();
  CHECK(table.size() == api().routes.size());
  CHECK(table == documented());
}
