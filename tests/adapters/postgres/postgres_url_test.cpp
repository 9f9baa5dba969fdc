#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"

#include <string>
#include <vector>

namespace baluhost::test {

TEST_CASE("a PostgreSQL URL is printed without its password") {
  CHECK(redacted_postgres_url(
            "postgresql://bo%40b:s3cret@db.example:5433/balu?sslmode=verify-full") ==
        "postgresql://bo%40b@db.example:5433/balu?password=***&sslmode=verify-full");
  CHECK(redacted_postgres_url("host=db user=bob password='a b' dbname=balu sslpassword=xyz")
            .find("a b") == std::string::npos);
  CHECK(redacted_postgres_url("host=db user=bob password='a b' dbname=balu sslpassword=xyz")
            .find("xyz") == std::string::npos);
  CHECK(redacted_postgres_url("postgresql://bob:s3cret@[broken").find("s3cret") ==
        std::string::npos);
}

TEST_CASE("No spelling of a PostgreSQL URL gives a part of its password away", "[fault-06]") {
  const auto hides = [](const std::string& url) {
    const std::string shown = redacted_postgres_url(url);
    const auto refused = check_postgres_url(url);
    std::string said = shown;
    if (!refused) {
      CHECK(shown == "postgresql://…");
      said += refused.error().detail;
      for (const auto& field : refused.error().fields) said += field.detail;
      PostgresOptions options;
      options.url = url;
      CHECK(postgres_connection_url(options).error().code == Errc::invalid_request);
      CHECK(postgres_tool_access(options).error().code == Errc::invalid_request);
    }
    INFO(url << " is shown as " << said);
    CHECK(said.find("S3cr") == std::string::npos);
    CHECK(said.find("etPw") == std::string::npos);
    return refused.has_value();
  };
  for (const char* url :
       {"postgresql://u:S3cretPw@h/db", "postgres://u:S3cretPw@h/db",
        "postgresql://u:S3cr%2FetPw@h/db", "postgresql://u:S3cr%40etPw@h/db",
        "postgresql://u:S3cr:etPw@h/db", "postgresql://u:S3cr?etPw@h/db",
        "postgresql://u@h/db?password=S3cretPw", "postgresql:///db?user=a@b&password=S3cr@etPw",
        "postgresql://u@h/db?sslmode=require&sslpassword=S3cretPw", "postgresql://:S3cretPw@",
        "host=h user=u password=S3cretPw", "host=h user=u password='S3cr etPw' dbname=db",
        "password = S3cretPw", "postgresql://u:S3cretPw@[::1]:5432,h2:5433/db"}) {
    INFO(url);
    CHECK(hides(url));
  }
  for (const char* url :
       {"postgresql://u:S3cr/etPw@h/db", "postgresql://u:1/S3cretPw@h/db",
        "postgresql://u:S3cr@etPw@127.0.0.1:1/db", "postgresql://u:x@S3cr/etPw@h/db",
        "postgresql://u:x@S3cr:etPw@h/db", "postgresql://u:S3cretPw@[broken",
        "postgresql://u:x?host=S3cr/etPw@h/db", "postgresql://u:S3cretPw%zz@h/db",
        "POSTGRESQL://u:S3cretPw@h/db", "mysql://u:S3cretPw@h/db",
        "host=h user=u password=S3cr etPw", "host=h password='S3cretPw",
        "host=x@S3cretPw dbname=db", "postgresql://h:S3cretPw/db", "S3cretPw"}) {
    INFO(url);
    CHECK_FALSE(hides(url));
  }
  CHECK(redacted_postgres_url("service=balu passfile=/etc/pass") ==
        "postgresql:///?service=balu&passfile=%2Fetc%2Fpass");
  CHECK(check_postgres_url("postgresql:///db?host=/run/a@b"));
}

TEST_CASE("A program of PostgreSQL's is given no secret in its arguments", "[fault-42]") {
  const auto access_of = [](const std::string& url, std::optional<Secret> password = std::nullopt) {
    PostgresOptions options;
    options.url = url;
    options.password = std::move(password);
    return postgres_tool_access(options);
  };
  for (const char* url :
       {"postgresql://u:S3cr%2FetPw@h:5433/db", "postgresql://u@h:5433/db?password=S3cr%2FetPw",
        "host=h port=5433 user=u dbname=db password=S3cr/etPw"}) {
    const auto access = value(access_of(url));
    CHECK(access.url.find("S3cr") == std::string::npos);
    CHECK(access.url.find("host=h") != std::string::npos);
    CHECK(access.url.find("port=5433") != std::string::npos);
    REQUIRE(access.password);
    CHECK(access.password->reveal() == "S3cr/etPw");
  }
  CHECK(value(access_of("postgresql://u:old@h/db", Secret{"new"})).password->reveal() == "new");
  CHECK_FALSE(value(access_of("postgresql://u@h/db")).password);
  CHECK(access_of("postgresql://u@h/db?sslpassword=S3cretPw").error().code ==
        Errc::invalid_request);
}

TEST_CASE("the password of a file comes before the URL's, and may be any text") {
  PostgresOptions options;
  options.url = "postgresql://bob:old@db/balu?connect_timeout=9";
  options.password = Secret{"a b&c=d'\"%\xC3\xA4"};
  const auto url = value(postgres_connection_url(options));
  CHECK(url.reveal().find("old") == std::string_view::npos);
  CHECK(url.reveal().find("password=a%20b%26c%3Dd%27%22%25%C3%A4") != std::string_view::npos);
  CHECK(url.reveal().find(' ') == std::string_view::npos);
  CHECK(url.reveal().find("connect_timeout=9") != std::string_view::npos);
  CHECK(url.reveal().find("tcp_user_timeout=") != std::string_view::npos);
  options.url = "postgresql://bob:geheim@[broken";
  const auto refused = postgres_connection_url(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_request);
  CHECK(refused.error().detail.find("geheim") == std::string::npos);
}

} // namespace baluhost::test
