#include "checks.hpp"

#include "baluhost/contract/suite.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

// A suite is a function with sections one after another. It is called once to learn their names,
// and then once for each of them, so that each begins with what the function makes.
namespace baluhost::contract {
namespace {

struct Run {
  std::vector<std::string>* names{nullptr}; ///< to be learned; else one section runs
  std::string section;
  std::vector<std::string> broken;
  std::vector<std::string> context;
};

thread_local Run* current = nullptr;

class Current {
 public:
  explicit Current(Run& run) : before_(std::exchange(current, &run)) {}
  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;
  ~Current() { current = before_; }

 private:
  Run* before_;
};

Run& present() {
  if (current != nullptr) return *current;
  std::fputs("a suite is run by baluhost::contract::suite\n", stderr);
  std::abort();
}

/// The file of a check, without the directories of whoever built it.
std::string_view short_name(std::string_view file) {
  const auto below = file.rfind("/contract/src/");
  return below == std::string_view::npos ? file : file.substr(below + 14);
}

} // namespace

bool enter(std::string_view name) {
  Run& run = present();
  if (run.names == nullptr) return name == run.section;
  run.names->emplace_back(name);
  return false;
}

void broken(std::string seen) {
  Run& run = present();
  for (const auto& context : run.context) seen += " (" + context + ")";
  run.broken.push_back(std::move(seen));
}

Context::Context(std::string text) { present().context.push_back(std::move(text)); }
Context::~Context() { present().context.pop_back(); }

bool check(const Seen& seen, bool wanted, std::string_view expression, const char* file, int line) {
  if (seen.holds == wanted) return true;
  std::string text{short_name(file)};
  text += ":" + std::to_string(line) + ": " + (wanted ? "" : "not ") + std::string{expression};
  if (!seen.text.empty()) text += ", but " + seen.text;
  broken(std::move(text));
  return false;
}

std::vector<Case> suite(const std::function<void()>& body) {
  std::vector<std::string> names;
  {
    Run run{.names = &names};
    const Current here(run);
    body();
  }
  std::vector<Case> cases;
  for (auto& name : names) {
    cases.push_back({name, [body, name] {
                       Run run{.section = name};
                       const Current here(run);
                       try {
                         body();
                       } catch (const Abandoned&) {
                         // Why is among what was broken.
                       }
                       return std::move(run.broken);
                     }});
  }
  return cases;
}

} // namespace baluhost::contract
