// Unfinished uploads after a restore: a backup has their rows and not their bytes.

#include "restore_fixture.hpp"

#include <catch2/catch.hpp>

using namespace baluhost::test;

namespace {

const std::string kUploads = "/api/v1/uploads";

std::string begun(Api& api, const std::string& path_in_base64) {
  const auto created = api.send("POST", kUploads,
                                {{"Tus-Resumable", "1.0.0"},
                                 {"Upload-Length", "10"},
                                 {"Upload-Metadata", "path " + path_in_base64}},
                                "");
  REQUIRE(created.status == 201);
  return created.header("Location").value_or("");
}

Response appended(Api& api, const std::string& upload, int offset, const std::string& bytes) {
  return api.send("PATCH", upload,
                  {{"Tus-Resumable", "1.0.0"},
                   {"Upload-Offset", std::to_string(offset)},
                   {"Content-Type", "application/offset+octet-stream"}},
                  bytes);
}

int status(Api& api, const std::string& upload) {
  return api.head(upload, {{"Tus-Resumable", "1.0.0"}}).status;
}

} // namespace

TEST_CASE("A restore ends uploads whose bytes a backup does not have, on record",
          "[restored_uploads]") {
  const bool postgres = GENERATE(false, true);
  Server server{{.database_url = postgres ? make_postgres_database() : ""}};
  Api root = admin(server);
  REQUIRE(root.put("/api/v1/files/admin/a", "content a").status == 201);
  const std::string lost = begun(root, "L2FkbWluL2xvc3Q="); // /admin/lost
  REQUIRE(appended(root, lost, 0, "12345").status == 204);
  const std::string fresh =
      begun(root, "L2FkbWluL2ZyZXNo"); // /admin/fresh: nothing of it is missing
  const TempDirectory directory;
  const std::string backup = directory.path() + "/backup";
  REQUIRE(server.ctl({"db", "backup", backup, "--with-blobs"}).exit_code == 0);
  server.stop();

  const Place place{postgres};
  const auto restored = place.ctl({"--json", "db", "restore", backup});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  CHECK(restored.err.empty());
  CHECK(Json::parse(restored.out)["ended_uploads"].integer() == 1);
  place.check_whole();
  Server there{{.data_dir = place.data, .database_url = place.url}};
  Api again = admin(there);
  const auto restores = again.events("action=backup_restored");
  REQUIRE(restores.size() == 1);
  CHECK(restores[0]["success"].flag());
  CHECK(restores[0]["user"].text().starts_with("cli:"));
  const Json& details = restores[0]["details"];
  CHECK(details["blobs"].integer() == 1);
  CHECK(details["ended_uploads"].integer() == 1);
  CHECK(details["newest_event"].integer() == Json::parse(restored.out)["newest_event"].integer());
  CHECK(details["made_at"].text() < restores[0]["timestamp"].text());
  CHECK(status(again, lost) == 404);
  CHECK(Json::parse(again.get(kUploads).body)["items"].size() == 1);
  const auto ended = again.events("action=upload&success=false");
  REQUIRE(ended.size() == 1);
  CHECK(ended[0]["resource"].text() == "/admin/lost");
  CHECK(ended[0]["user"].text() == "admin");
  CHECK(ended[0]["details"]["attempted_size"].integer() == 10);
  // What it had announced does not count any more: of 24 bytes 9 are used, 10 are `fresh`'s.
  REQUIRE(again.patch("/api/v1/users/admin", R"({"quota_bytes":24})").status == 200);
  CHECK(again.put("/api/v1/files/admin/five", "12345").status == 201);
  CHECK(again.put("/api/v1/files/admin/six", "6").status == 413);
  REQUIRE(appended(again, fresh, 0, "0123456789").status == 204);
  CHECK(again.get("/api/v1/files/admin/fresh").body == "0123456789");
}
