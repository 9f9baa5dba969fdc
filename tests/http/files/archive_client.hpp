#pragma once

#include "wire.hpp"

#include "baluhost/test/temporary_directory.hpp"

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace baluhost::test {

/// The reply to a request for an archive of `paths`.
inline Json make_archive(Api& api, const std::vector<std::string>& paths,
                         const std::string& name = {}) {
  std::string list;
  for (const auto& path : paths) list += (list.empty() ? "" : ",") + q(path);
  std::string body = "{\"paths\":[" + list + "]";
  if (!name.empty()) body += ",\"name\":" + q(name);
  const Response made = api.post(kApi + "/archives", body + "}");
  INFO(made.body);
  REQUIRE(made.status == 201);
  REQUIRE(made.header("Location") == Json::parse(made.body)["url"].text());
  return Json::parse(made.body);
}

/// An archive on disk.
class ArchiveFile {
 public:
  explicit ArchiveFile(const std::string& bytes) {
    std::ofstream{path_, std::ios::binary} << bytes;
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string bytes() const {
    std::ifstream in{path_, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  void check_with_tools() const {
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"unzip", "-tqq", path_},
             {"7z", "t", path_},
             {"bsdtar", "-tf", path_},
             {"bsdtar", "-xOf", path_},
             {"python3", "-c",
              "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.exit(z.testzip() or 0)",
              path_}}) {
      INFO(command.front());
      const auto done = run(command);
      INFO(done.err);
      CHECK(done.exit_code == 0);
    }
  }

  /// The SHA-256 of each file by its name, and "" for directories.
  [[nodiscard]] std::map<std::string, std::string> contents() const {
    const auto listed =
        run({"python3", "-c",
             "import sys, zipfile, hashlib\n"
             "z = zipfile.ZipFile(sys.argv[1])\n"
             "for i in z.infolist():\n"
             "  d = '' if i.is_dir() else hashlib.sha256(z.read(i)).hexdigest()\n"
             "  sys.stdout.buffer.write((i.filename + '\\t' + d + '\\n').encode())\n",
             path_});
    INFO(listed.err);
    CHECK(listed.exit_code == 0);
    std::map<std::string, std::string> found;
    for (std::size_t at = 0; at < listed.out.size();) {
      const auto tab = listed.out.find('\t', at);
      const auto end = listed.out.find('\n', tab);
      found[listed.out.substr(at, tab - at)] = listed.out.substr(tab + 1, end - tab - 1);
      at = end + 1;
    }
    return found;
  }

  [[nodiscard]] std::string comment() const {
    return run({"python3", "-c",
                "import sys, zipfile; "
                "sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).comment)",
                path_})
        .out;
  }

 private:
  TemporaryDirectory directory_;
  std::string path_{directory_ / "archive.zip"};
};

} // namespace baluhost::test
