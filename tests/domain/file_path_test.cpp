#include "baluhost/domain/files/file_path.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace baluhost;

namespace {

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

FilePath path(std::string_view text) { return *FilePath::parse(text); }

} // namespace

TEST_CASE("file names of any language are kept") {
  const auto name =
      GENERATE(std::string{"a"}, std::string{"notes.txt"}, std::string{".hidden"},
               std::string{"a b"}, std::string{"..."}, std::string{"x..y"},
               std::string{"\u65e5\u672c\u8a9e.txt"}, std::string{"\U0001F600"},
               std::string{"a:b*c?\"<>|"}, std::string{"<script>alert(1)</script>"},
               std::string{"'; DROP TABLE files; --"}, std::string{"%2e%2e"}, std::string{"CON"},
               std::string(255, 'a'), std::string{"-rf"}, std::string{"$(id)"});
  CAPTURE(name);
  if (name == "..." || name.find("</") != std::string::npos) {
    CHECK_FALSE(FileName::parse(name)); // a trailing dot, a slash
  } else {
    REQUIRE(FileName::parse(name));
    CHECK(FileName::parse(name)->str() == name);
  }
}

TEST_CASE("what cannot be a file name is refused") {
  const auto name = GENERATE(
      std::string{}, std::string{"."}, std::string{".."}, std::string{"a/b"}, std::string{"/"},
      std::string{"a\\b"}, std::string{"a."}, std::string{" a"}, std::string{"a "},
      std::string{" "}, std::string("a\0b", 3), std::string{"a\nb"}, std::string{"a\x7f"},
      std::string{"a\u0085"}, std::string{"gnp\u202etxt.exe"}, std::string{"\u2066a"},
      std::string{"\u200e"}, std::string{"a\u2028b"}, std::string{"\xff"}, std::string{"a\xc0\xaf"},
      std::string{"\xed\xa0\x80"}, std::string(256, 'a'), repeated("\u00e9", 128));
  CAPTURE(name);
  REQUIRE_FALSE(FileName::parse(name));
  CHECK(FileName::parse(name).error().code == Errc::invalid_request);
}

TEST_CASE("two spellings of a file name are one name") {
  CHECK(FileName::parse("cafe\u0301.txt")->str() == "caf\u00e9.txt");
  CHECK(*FileName::parse("cafe\u0301.txt") == *FileName::parse("caf\u00e9.txt"));
}

TEST_CASE("the length of a name counts after normalisation") {
  CHECK(FileName::parse(repeated("e\u0301", 127))->str() == repeated("\u00e9", 127));
  CHECK_FALSE(FileName::parse(repeated("e\u0301", 128)));
}

TEST_CASE("names are case-sensitive and ordered by their bytes") {
  CHECK(*FileName::parse("A") != *FileName::parse("a"));
  CHECK(*FileName::parse("Z") < *FileName::parse("a"));
  CHECK(*FileName::parse("z") < *FileName::parse("\u00e4"));
  CHECK(*FileName::parse("\uff5e") < *FileName::parse("\U0001F600"));
}

TEST_CASE("paths are read, taken apart and printed") {
  const auto file = path("/anna/Photos/caf\u00e9.jpg");
  CHECK(file.str() == "/anna/Photos/caf\u00e9.jpg");
  CHECK(file.home() == "anna");
  CHECK(file.name().str() == "caf\u00e9.jpg");
  CHECK(file.segments().size() == 3);
  CHECK_FALSE(file.is_home());
  CHECK(file.parent().str() == "/anna/Photos");
  CHECK(file.parent().parent().is_home());
  CHECK(file.parent().parent().parent() == path("/anna"));
  CHECK(path("/anna").child(*FileName::parse("x"))->str() == "/anna/x");
}

TEST_CASE("the user's name in a path is without case, the rest is not") {
  CHECK(path("/ANNA/X").str() == "/anna/X");
  CHECK(*FilePath::from_segments(std::vector<std::string>{"Anna", "x"}) == path("/anna/x"));
}

TEST_CASE("what is not a path is refused") {
  const auto text = GENERATE(
      std::string{}, std::string{"/"}, std::string{"anna"}, std::string{"anna/x"},
      std::string{"//"}, std::string{"/anna/"}, std::string{"/anna//x"}, std::string{"//anna/x"},
      std::string{"/anna/../bob"}, std::string{"/anna/./x"}, std::string{"/.."},
      std::string{"/../etc/passwd"}, std::string{"/anna/.."}, std::string{"/anna\\x"},
      std::string{"/anna/x\\..\\y"}, std::string("/anna/x\0", 8), std::string("/an\0na", 6),
      std::string{"/anna/x "}, std::string{"/anna/ x"}, std::string{"/anna/x."}, std::string{"/a"},
      std::string{"/.anna/x"}, std::string{"/an na/x"}, std::string{"/ann\u00e4/x"},
      std::string{"/anna./x"}, std::string{"/anna/\xff"}, "/" + std::string(33, 'a'),
      "/anna" + repeated("/x", 64), "/anna" + repeated("/" + std::string(249, 'x'), 4));
  CAPTURE(text);
  REQUIRE_FALSE(FilePath::parse(text));
  CHECK(FilePath::parse(text).error().code == Errc::invalid_request);
}

TEST_CASE("the deepest and the longest path are just allowed") {
  CHECK(path("/anna" + repeated("/x", 63)).segments().size() == 64);
  CHECK_FALSE(path("/anna" + repeated("/x", 63)).child(*FileName::parse("x")));

  const auto longest = "/anna" + repeated("/" + std::string(198, 'x'), 5);
  REQUIRE(longest.size() == 1000);
  CHECK(FilePath::parse(longest));
  CHECK_FALSE(FilePath::parse(longest + "x"));
  CHECK_FALSE(path(longest).child(*FileName::parse("x")));
  CHECK(FilePath::parse("/anna" +
                        repeated("/" + repeated("\u00e9", 99), 9))); // characters count, not bytes
}

TEST_CASE("an encoded slash never becomes a separator") {
  CHECK_FALSE(FilePath::from_segments(std::vector<std::string>{"anna", "a/b"}));
  CHECK_FALSE(FilePath::from_segments(std::vector<std::string>{"anna/a", "b"}));
  CHECK_FALSE(FilePath::from_segments(std::vector<std::string>{"anna", "", "b"}));
  CHECK_FALSE(FilePath::from_segments(std::vector<std::string>{}));
  CHECK_FALSE(FilePath::from_segments(std::vector<std::string>(65, "ab")));
  CHECK(FilePath::from_segments(std::vector<std::string>{"anna", "a%2Fb"})->str() == "/anna/a%2Fb");
}

TEST_CASE("a path contains itself and what lies below, by segments") {
  CHECK(path("/anna/a").contains(path("/anna/a")));
  CHECK(path("/anna/a").contains(path("/anna/a/b/c")));
  CHECK_FALSE(path("/anna/a").contains(path("/anna/ab")));
  CHECK_FALSE(path("/anna/a").contains(path("/anna")));
  CHECK_FALSE(path("/anna").contains(path("/anna2/x")));
}

TEST_CASE("media types follow from the name alone") {
  struct Row {
    const char* name;
    const char* type;
  };
  const auto row = GENERATE(
      Row{"a.txt", "text/plain"}, Row{"a.TXT", "text/plain"}, Row{"a.b.JpEg", "image/jpeg"},
      Row{"a.html", "text/html"}, Row{"a.json", "application/json"},
      Row{"a.pdf", "application/pdf"}, Row{"a.tar.gz", "application/gzip"},
      Row{".png", "image/png"}, Row{"a.svg", "image/svg+xml"}, Row{"a.mp4", "video/mp4"},
      Row{"a.md", "text/markdown"}, Row{"a.yml", "application/yaml"},
      Row{"a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
      Row{"a", "application/octet-stream"}, Row{"a.", "application/octet-stream"},
      Row{"txt", "application/octet-stream"}, Row{"", "application/octet-stream"},
      Row{"a.unknown-extension-of-some-length", "application/octet-stream"},
      Row{"a.tx", "application/octet-stream"}, Row{"a.txtx", "application/octet-stream"},
      Row{"a.txt\xff", "application/octet-stream"});
  CAPTURE(row.name);
  CHECK(media_type_of(row.name) == row.type);
  CHECK(media_type_of(std::string_view{"a.txt\0", 6}) == "application/octet-stream");
}
