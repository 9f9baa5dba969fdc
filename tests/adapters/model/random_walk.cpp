#include "model/random_walk.hpp"

#include "baluhost/core/operations/sweep.hpp"
#include "model/sight.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <random>
#include <utility>

namespace baluhost::test {
namespace {

constexpr std::int64_t kMostEntries = 24;

KeepRules rules_of(std::uint64_t seed) {
  return {.trash_days = seed % 5 == 4 ? 0 : 4,
          .versions_keep = seed % 3 == 2 ? 0 : 2,
          .versions_days = 3};
}

class Walk {
 public:
  Walk(Database& database, std::uint64_t seed)
      : database_(database),
        seed_(seed),
        random_(seed),
        host_(database, rules_of(seed), {.entries_per_user = kMostEntries}),
        model_(rules_of(seed), kMostEntries) {
    enter("anna", 70);
    enter("bert", 50);
    enter("carl", 50);
    product_ = look_at(host_, people_, seen_, letter_);
  }

  std::string run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      auto difference = compare();
      if (difference.empty()) continue;
      std::string text = "seed " + std::to_string(seed_) + ", step " + std::to_string(i) + ":\n";
      for (const auto& before : last_steps_) text += "  " + before + '\n';
      return text + difference;
    }
    return "";
  }

 private:
  using Failure = PlainHost::Failure;

  void enter(const std::string& name, std::int64_t quota) {
    const auto user =
        value(host_.users.create(host_.operator_, {.username = value(Username::parse(name)),
                                                   .password = Secret{kOldPassword},
                                                   .quota_bytes = quota}));
    people_.emplace(name, Person::log_in(host_, user));
    model_.homes[name].quota = quota;
  }

  // What chance decides.
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> all) {
    return *(all.begin() + below(all.size()));
  }
  Actor anybody() {
    if (chance(15)) return {};
    return one_of<std::string>({"anna", "anna", "bert", "bert", "carl"});
  }
  std::string any_home() { return chance(65) ? "anna" : "bert"; }
  std::string any_path() {
    std::string path = "/" + any_home();
    if (chance(3)) return path;
    for (int depth = 0; depth < 4; ++depth) {
      const auto* node = model_.at(path);
      if (node != nullptr && !node->children.empty() && chance(75)) {
        auto child = node->children.begin();
        std::advance(child, static_cast<std::ptrdiff_t>(below(node->children.size())));
        path += "/" + child->first;
      } else {
        path += "/" + one_of<std::string>({"a", "b", "c"});
      }
      if (chance(50)) break;
    }
    return path;
  }
  std::string any_text() { return std::string(1 + below(9), one_of({'x', 'y'})); }
  Rights any_rights() { return Rights::from_bits(static_cast<std::uint8_t>(1 + below(15))); }
  /// One that is there, mostly, and lies below a home.
  std::string some_file() {
    for (int tries = 0; tries < 20; ++tries) {
      auto path = any_path();
      const auto* node = model_.at(path);
      if (node != nullptr && node->is_file) return path;
    }
    return any_path();
  }

  [[nodiscard]] const Principal& principal(const Actor& who) const {
    return principal_of(host_, people_, who);
  }

  /// Does the same on both sides and notes how it ended.
  template <class Result>
  void note(const std::string& what, const Actor& who, const Result& done, const Failure& failure) {
    const auto named = [](const Failure& code) {
      return code ? std::string{code_of(*code)} : std::string{"done"};
    };
    const Failure got = done ? Failure{} : Failure{done.error().code};
    last_steps_.push_back(who.value_or("operator") + ": " + what + ": " + named(got));
    if (last_steps_.size() > 40) last_steps_.erase(last_steps_.begin());
    if (got != failure) ending_ = "  the model says " + named(failure) + '\n';
    failed_ = failure.has_value();
  }

  void step() {
    letter_ = one_of({'a', 'b', 'c'});
    host_.clock.advance(std::chrono::seconds{1});
    model_.now = host_.clock.now();
    model_.events.clear();
    ending_.clear();
    const auto who = anybody();
    const auto kind = below(100);
    if (kind < 24) return put(who);
    if (kind < 31) return make_directory(who);
    if (kind < 44) return relocate(who, false);
    if (kind < 54) return relocate(who, true);
    if (kind < 67) return remove(who);
    if (kind < 78) return restore(who);
    if (kind < 81) return purge(who);
    if (kind < 82) return empty(who);
    if (kind < 87) return restore_version(who);
    if (kind < 90) return remove_version(who);
    if (kind < 95) return grant(who);
    if (kind < 98) return revoke(who);
    clean();
  }

  void put(const Actor& who) {
    const auto where = chance(40) ? some_file() : any_path();
    const auto text = any_text();
    const bool overwrite = chance(80);
    const bool parents = chance(60);
    const auto write = [&]() -> Result<void> {
      BALUHOST_TRY(auto upload,
                   host_.files.begin_upload(principal(who), path(where),
                                            {.overwrite = overwrite,
                                             .parents = parents,
                                             .size = static_cast<std::int64_t>(text.size())}));
      BALUHOST_CHECK(upload.write(text));
      BALUHOST_CHECK(upload.commit());
      return {};
    };
    note("put " + where + " " + text + (overwrite ? " over" : "") + (parents ? " parents" : ""),
         who, write(), model_.put(who, where, text, overwrite, parents));
  }

  void make_directory(const Actor& who) {
    const auto where = any_path();
    const bool parents = chance(60);
    note("mkdir " + where + (parents ? " parents" : ""), who,
         host_.files.make_directory(principal(who), path(where),
                                    parents ? MissingParents::make : MissingParents::refuse),
         model_.make_directory(who, where, parents));
  }

  void relocate(const Actor& who, bool copies) {
    const auto from = chance(40) ? some_file() : any_path();
    const auto to = chance(40) ? some_file() : any_path();
    const bool overwrite = chance(70);
    const auto how = overwrite ? Overwrite::yes : Overwrite::no;
    const auto what = (copies ? "copy " : "move ") + from + " " + to + (overwrite ? " over" : "");
    if (copies) {
      note(what, who, host_.files.copy(principal(who), path(from), path(to), how),
           model_.copy(who, from, to, overwrite));
    } else {
      note(what, who, host_.files.move(principal(who), path(from), path(to), how),
           model_.move(who, from, to, overwrite));
    }
  }

  void remove(const Actor& who) {
    const auto where = any_path();
    const bool recursive = chance(80);
    const bool for_good = chance(15);
    note("delete " + where + (recursive ? " recursive" : "") + (for_good ? " for good" : ""), who,
         host_.files.remove(principal(who), path(where), recursive ? Recursive::yes : Recursive::no,
                            {}, for_good ? Deletion::for_good : Deletion::by_rule),
         model_.remove(who, where, recursive, for_good));
  }

  /// One that is in the trash, if anything is.
  std::pair<std::size_t, TrashId> any_trash() {
    const auto index = below(product_.trash.size() + 1);
    return {index, index < product_.trash.size() ? product_.trash[index] : TrashId{999'999}};
  }

  void restore(const Actor& who) {
    const auto [index, id] = any_trash();
    const bool overwrite = chance(60);
    std::optional<std::string> to;
    if (chance(50)) to = chance(50) ? some_file() : any_path();
    const auto lay = index < model_.trash.size() ? model_.trash[index].path : any_path();
    note("restore " + lay + " to " + to.value_or("where it lay") + (overwrite ? " over" : ""), who,
         host_.trash.restore(
             principal(who), id,
             {.to = to ? std::optional{path(*to)} : std::nullopt, .overwrite = overwrite}),
         model_.restore(who, index, to.value_or(lay), overwrite));
  }

  void purge(const Actor& who) {
    const auto [index, id] = any_trash();
    note("purge " + std::to_string(index), who, host_.trash.purge(principal(who), id),
         model_.purge(who, index));
  }

  void empty(const Actor& who) {
    note("empty", who, host_.trash.empty(principal(who)), model_.empty(who));
  }

  /// An id as the product has it, of a content as the model has it.
  VersionId id_of(const std::string& where, std::size_t index) {
    const auto* file = model_.at(where);
    if (file == nullptr || !file->is_file) return value(VersionId::parse("1.1"));
    const auto& wanted = index < file->former.size() ? file->former[index] : file->present;
    const auto page = value(host_.versions.list(host_.operator_, path(where), {.limit = 1000}));
    for (const auto& version : page.items) {
      if (version.replaced_at == wanted.replaced && version.created_at == wanted.became)
        return version.id;
    }
    return value(VersionId::parse("999999.1"));
  }
  struct SomeVersion {
    std::string file;
    std::size_t index; ///< in the model
    VersionId id;      ///< in the host
  };
  SomeVersion some_version() {
    auto where = some_file();
    const auto* file = model_.at(where);
    const auto index = below(file == nullptr ? 1 : file->former.size() + 1);
    auto id = id_of(where, index);
    return {std::move(where), index, std::move(id)};
  }

  void restore_version(const Actor& who) {
    const auto [file, index, id] = some_version();
    note("restore of " + file + " version " + id.value, who,
         host_.versions.restore(principal(who), path(file), id),
         model_.restore_version(who, file, index));
  }

  void remove_version(const Actor& who) {
    const auto [file, index, id] = some_version();
    note("removal of " + file + " version " + id.value, who,
         host_.versions.remove(principal(who), path(file), id),
         model_.remove_version(who, file, index));
  }

  void grant(const Actor& who) {
    const auto where = any_path();
    const auto grantee = one_of<std::string>({"anna", "bert", "bert", "carl", "carl"});
    const auto rights = any_rights();
    note("grant " + where + " " + grantee + " " + rights.to_text(), who,
         host_.grants.put(principal(who), path(where), people_.at(grantee).username(), rights),
         model_.grant(who, where, grantee, rights));
  }

  void revoke(const Actor& who) {
    auto where = any_path();
    auto grantee = one_of<std::string>({"anna", "bert", "carl"});
    for (int tries = 0; tries < 20; ++tries) {
      const auto other = any_path();
      const auto* node = model_.at(other);
      if (node == nullptr || node->grants.empty()) continue;
      where = other;
      grantee = node->grants.begin()->first;
      break;
    }
    note("revoke " + where + " " + grantee, who,
         host_.grants.remove(principal(who), path(where), people_.at(grantee).username()),
         model_.revoke(who, where, grantee));
  }

  void clean() {
    host_.clock.advance(std::chrono::hours{24} * (1 + below(2)));
    model_.now = host_.clock.now();
    const auto work = [&]() -> Result<void> {
      const auto always = [] { return true; };
      FileId position;
      BALUHOST_CHECK(purge_expired(database_, host_.audit, host_.clock, always));
      BALUHOST_CHECK(remove_old_versions(database_, host_.audit, host_.clock, rules_of(seed_),
                                         position, always));
      BALUHOST_CHECK(sweep_doomed(database_, *host_.blobs));
      return {};
    };
    const auto done = work();
    model_.clean();
    note("housekeeping", {}, done, {});
    const auto stored = value(host_.blobs->list({}, 100'000)).size();
    const auto wanted = model_.blobs().size();
    if (stored != wanted)
      ending_ = "  " + std::to_string(stored) + " blobs are stored, the model has " +
                std::to_string(wanted) + '\n';
  }

  /// What failed is on record once, under whatever name.
  std::string compare() {
    product_ = look_at(host_, people_, seen_, letter_);
    const auto model = look_at(model_, *host_.digester, letter_);
    auto events = product_.events;
    if (failed_ && events.size() == 1 && events.front().starts_with("failed ")) events.clear();
    return ending_ + difference(product_.lines, model.lines) + difference(events, model.events);
  }

  static std::string difference(const Lines& product, const Lines& model) {
    std::string text;
    if (product == model) return text;
    for (const auto& line : product) {
      if (std::ranges::find(model, line) == model.end()) text += "  product: " + line + '\n';
    }
    for (const auto& line : model) {
      if (std::ranges::find(product, line) == product.end()) text += "  model:   " + line + '\n';
    }
    return text.empty() ? "  the same lines in another order or number\n" : text;
  }

  Database& database_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  Host host_;
  PlainHost model_;
  People people_;
  Sight product_;
  std::string ending_;
  char letter_{'a'};
  bool failed_{false};
  Lines last_steps_;
  EventId seen_;
};

} // namespace

std::string walk_at_random(Database& database, std::uint64_t seed, int steps) {
  return Walk(database, seed).run(steps);
}

int model_walks(int usual) {
  const char* const wanted = std::getenv("BALUHOST_MODEL_WALKS");
  return wanted == nullptr ? usual : std::max(std::atoi(wanted), 1);
}

} // namespace baluhost::test
