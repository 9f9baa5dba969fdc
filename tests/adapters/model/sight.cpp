#include "model/sight.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace baluhost::test {
namespace {

std::string describe(const Digester& digester, const std::string& text) {
  return std::to_string(text.size()) + ' ' + digester.sha256(text).hex().substr(0, 8);
}

std::string describe(const Content& content) {
  return std::to_string(content.size) + ' ' + content.sha256.hex().substr(0, 8);
}

std::string in_seconds(Timestamp moment) {
  return std::to_string(moment.microseconds / 1'000'000 % 10'000'000);
}

std::string moments(Timestamp became, const std::optional<Timestamp>& replaced) {
  return '@' + in_seconds(became) + (replaced ? '-' + in_seconds(*replaced) : "");
}

std::string describe(const std::string& home, const PlainFigures& figures) {
  return home + ": used " + std::to_string(figures.used) + " files " +
         std::to_string(figures.files) + " entries " + std::to_string(figures.entries) + " trash " +
         std::to_string(figures.trash) + " versions " + std::to_string(figures.versions);
}

std::string describe_grant(const std::string& grantee, Rights rights, const std::string& giver,
                           bool given_on) {
  return " {" + grantee + ' ' + rights.to_text() + " by " + giver + (given_on ? " on}" : "}");
}

/// What is told of an entry of the trash.
struct Waiting {
  std::string viewer, path;
  std::int64_t bytes, version_bytes, files;
  std::string by;
  Timestamp expires;
  [[nodiscard]] std::string line() const {
    return viewer + " sees " + path + ' ' + std::to_string(bytes) + '+' +
           std::to_string(version_bytes) + " in " + std::to_string(files) + " by " + by +
           " until " + in_seconds(expires);
  }
};

const std::string kOperator = "operator";
std::vector<Actor> viewers() { return {Actor{}, "anna", "bert", "carl"}; }

void describe_tree(Lines& lines, const Digester& digester, const PlainNode& node,
                   const std::string& path) {
  std::string line = path;
  if (node.is_file) {
    line += ' ' + describe(digester, node.present.text) + moments(node.present.became, {});
    for (const auto& content : node.former)
      line += ", " + describe(digester, content.text) + moments(content.became, content.replaced);
  }
  for (const auto& [grantee, grant] : node.grants)
    line += describe_grant(grantee, grant.rights, grant.giver.value_or(kOperator), grant.given_on);
  lines.push_back(line);
  for (const auto& [name, child] : node.children)
    describe_tree(lines, digester, *child, path + "/" + name);
}

Result<void> describe_tree(ReadTransaction& tx, Lines& lines, FileId node, FileKind kind,
                           const std::string& path) {
  std::string line = path;
  if (kind == FileKind::file) {
    BALUHOST_TRY(auto versions, tx.versions().list(node, 1000));
    std::ranges::sort(versions, [](const Version& a, const Version& b) {
      return std::pair{!a.is_current, a.replaced_at} < std::pair{!b.is_current, b.replaced_at};
    });
    for (const auto& version : versions) {
      line += (version.is_current ? " " : ", ") + describe(version.content) +
              moments(version.created_at, version.replaced_at);
    }
  }
  BALUHOST_TRY(const auto grants, tx.grants().list_of_file(node, {}, 100));
  for (const auto& grant : grants) {
    line += describe_grant(grant.grantee.str(), grant.rights,
                           grant.giver ? grant.granted_by : kOperator, grant.given_on);
  }
  lines.push_back(line);
  if (kind == FileKind::file) return {};
  BALUHOST_TRY(const auto children, tx.files().children(node, {}, 1000));
  for (const auto& child : children)
    BALUHOST_CHECK(describe_tree(tx, lines, child.id, child.kind, path + "/" + child.name.str()));
  return {};
}

std::vector<TrashEntry> waiting_for(Host& product, const Principal& viewer) {
  std::vector<TrashEntry> entries;
  PageRequest request{.limit = 1000, .cursor = {}};
  do {
    auto page = value(product.trash.list(viewer, request));
    std::ranges::move(page.items, std::back_inserter(entries));
    request.cursor = page.next_cursor;
  } while (request.cursor);
  std::ranges::reverse(entries);
  return entries;
}

/// Page by page.
Lines search(Host& product, const Principal& who, char letter) {
  Lines found;
  const auto query = value(NameQuery::parse(std::string(1, letter)));
  PageRequest request{.limit = 3, .cursor = {}};
  do {
    const auto page = value(product.files.search(who, query, {}, request));
    for (const auto& info : page.items) found.push_back(info.path.str());
    request.cursor = page.next_cursor;
  } while (request.cursor);
  std::ranges::sort(found);
  return found;
}

Result<void> describe_homes(ReadTransaction& tx, const People& people, Lines& lines) {
  for (const auto& [name, person] : people) {
    BALUHOST_TRY(const auto user, tx.users().find(person.id));
    lines.push_back(describe(name, {.used = user->used_bytes,
                                    .files = user->file_count,
                                    .entries = user->entry_count,
                                    .trash = user->trash_bytes,
                                    .versions = user->version_bytes}));
    BALUHOST_TRY(const auto home, tx.files().resolve(path("/" + name)));
    BALUHOST_CHECK(describe_tree(tx, lines, home.found.back().id, FileKind::directory, "/" + name));
  }
  return {};
}

} // namespace

const Principal& principal_of(const Host& product, const People& people, const Actor& who) {
  return who ? people.at(*who).session : product.operator_;
}

Sight look_at(const PlainHost& model, const Digester& digester, char letter) {
  Sight sight{.lines = {}, .events = model.events, .trash = {}};
  std::ranges::sort(sight.events);
  for (const auto& [name, home] : model.homes) {
    sight.lines.push_back(describe(name, model.figures(name)));
    describe_tree(sight.lines, digester, *home.root, "/" + name);
  }
  for (const auto& viewer : viewers()) {
    for (const auto& entry : model.trash) {
      if (!model.sees(viewer, entry)) continue;
      const auto sum = PlainHost::count(*entry.root);
      sight.lines.push_back(Waiting{viewer.value_or(kOperator), entry.path, sum.bytes,
                                    sum.version_bytes, sum.files, entry.deleter.value_or(kOperator),
                                    entry.expires}
                                .line());
    }
  }
  for (const auto& viewer : viewers()) {
    for (const auto& path : model.search(viewer, letter))
      sight.lines.push_back(viewer.value_or(kOperator) + " finds " + path);
  }
  for (const auto& entry : model.trash)
    describe_tree(sight.lines, digester, *entry.root, "trash" + entry.path);
  return sight;
}

Sight look_at(Host& product, const People& people, EventId& seen, char letter) {
  Sight sight;
  Lines waits;
  for (const auto& viewer : viewers()) {
    for (const auto& entry : waiting_for(product, principal_of(product, people, viewer))) {
      waits.push_back(Waiting{viewer.value_or(kOperator), entry.path.str(), entry.size,
                              entry.version_bytes, entry.file_count,
                              entry.deleter ? entry.deleted_by : kOperator, entry.expires_at}
                          .line());
    }
  }
  for (const auto& viewer : viewers()) {
    for (const auto& path : search(product, principal_of(product, people, viewer), letter))
      waits.push_back(viewer.value_or(kOperator) + " finds " + path);
  }
  const auto all = waiting_for(product, product.operator_);
  value(product.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_CHECK(describe_homes(tx, people, sight.lines));
    std::ranges::move(waits, std::back_inserter(sight.lines));
    for (const auto& entry : all) {
      sight.trash.push_back(entry.id);
      BALUHOST_CHECK(
          describe_tree(tx, sight.lines, entry.root, entry.kind, "trash" + entry.path.str()));
    }
    BALUHOST_TRY(const auto fresh, tx.audit().since(seen, 100'000));
    for (const auto& event : fresh) {
      seen = event.id;
      sight.events.push_back((event.success ? "" : "failed ") + event.action + ' ' +
                             event.resource.value_or("-"));
    }
    return {};
  }));
  std::ranges::sort(sight.events);
  return sight;
}

} // namespace baluhost::test
