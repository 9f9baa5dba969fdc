#include "archives/archive_names.hpp"

#include "archives/zip_layout.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace baluhost;

TEST_CASE("What Windows forbids in names is made safe, and nothing else is touched") {
  for (const char* name : {"a.txt", "common", "com", "com10", "lpt", "conx", "a con", "\xC3\xA4",
                           ".hidden", "console.txt", "com.txt", "nul_"})
    CHECK(windows_safe(name) == name);
  CHECK(windows_safe("a<b>c:d\"e|f?g*h") == "a_b_c_d_e_f_g_h");
  for (const char* name : {"con", "CON", "Prn.txt", "aux.tar.gz", "nul", "COM1", "com9.x", "LPT1",
                           "com\xC2\xB9", "CONIN$", "con .txt"})
    CHECK(windows_safe(name) == "_" + std::string{name});
}

TEST_CASE("No two names of a directory are the same, whatever their case") {
  DirectoryNames names;
  CHECK(names.take("a.txt") == "a.txt");
  CHECK(names.take("A.TXT") == "A (2).TXT");
  CHECK(names.take("a.txt") == "a (3).txt");
  CHECK(names.take("a (2).txt") == "a (2) (2).txt");
  CHECK(names.take("\xC3\x84") == "\xC3\x84");
  CHECK(names.take("\xC3\xA4") == "\xC3\xA4 (2)");
  CHECK(names.take(".x") == ".x");
  CHECK(names.take(".X") == ".X (2)");
  CHECK(names.take("a?") == "a_");
  CHECK(names.take("a*") == "a_ (2)");
}

TEST_CASE("A changed name has at most 255 bytes, and whole characters") {
  DirectoryNames names;
  std::string longest;
  for (int i = 0; i < 85; ++i) longest += "\xE4\xB8\xAD";
  CHECK(names.take(longest) == longest);
  const auto second = names.take(longest);
  CHECK(second.size() <= 255);
  CHECK(second.ends_with("\xAD (2)"));
  CHECK(windows_safe("con." + std::string(251, 'x')).size() == 255);
}

TEST_CASE("Many names that clash are told apart in a time that grows with their number") {
  DirectoryNames names;
  std::set<std::string> taken;
  for (int i = 0; i < 100'000; ++i) CHECK(taken.insert(names.take("?")).second);
}

TEST_CASE("The comment holds as many changed names as fit") {
  RenameList list;
  CHECK(list.text().empty());
  for (int i = 0; i < 5000; ++i) list.add("from" + std::to_string(i), "to" + std::to_string(i));
  CHECK(list.text().size() <= zip::kMostComment);
  CHECK(list.text().ends_with("and more\r\n"));
  CHECK(list.text().find("to0 <- from0\r\n") != std::string::npos);
}
