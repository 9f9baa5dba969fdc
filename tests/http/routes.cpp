#include "routes.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <regex>
#include <thread>
#include <utility>

namespace baluhost::test {

std::vector<Operation> operations(const Server& server) {
  HttpClient client = server.client();
  const std::string document = client.request("GET", kApi + "/openapi.yaml").body;
  const std::regex line{"(?:^|\\n)(  /([^\\s:]*):|    (get|put|post|patch|delete|head|options):)"};
  std::vector<Operation> found;
  std::string path;
  for (std::sregex_iterator at{document.begin(), document.end(), line}, end; at != end; ++at) {
    std::string method = (*at)[3];
    std::ranges::transform(method, method.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (method.empty())
      path = "/" + (*at)[2].str();
    else
      found.push_back({path, method});
  }
  return found;
}

Place::Place(const Server& server) : api(new_user(server, "admin")) {
  const std::string home = "/" + api.username;
  REQUIRE(api.put(files(home + "/dir/file.txt") + "?parents=true", "hello").status == 201);
  const Response made = api.send("POST", kApi + "/uploads",
                                 {{"Tus-Resumable", "1.0.0"},
                                  {"Upload-Length", "5"},
                                  {"Upload-Metadata", "path " + base64(home + "/later")}},
                                 "");
  REQUIRE(made.status == 201);
  upload = made.header("Location").value_or("");
  upload.erase(0, upload.rfind('/') + 1);
  const Response shown =
      api.post(kApi + "/auth/keys", R"({"name":"a key","scopes":["files:read"]})");
  REQUIRE(shown.status == 201);
  key = Json::parse(shown.body)["id"].text();
  archive =
      Json::parse(api.post(kApi + "/archives", "{\"paths\":[" + q(home + "/dir") + "]}").body)["id"]
          .text();
  const Response shared =
      api.post(kApi + "/shares", object({{"path", q(home + "/dir")}, {"rights", R"(["read"])"}}));
  REQUIRE(shared.status == 201);
  share = Json::parse(shared.body)["id"].text();
  REQUIRE(api.put(files(home + "/deleted"), "hello").status == 201);
  REQUIRE(api.del(files(home + "/deleted")).status == 204);
  trash = std::to_string(
      Json::parse(api.get(kApi + "/trash?limit=1").body)["items"][0]["id"].integer());
  event =
      std::to_string(api.events("user=" + api.username + "&action=upload").at(0)["id"].integer());
}

std::string Place::target(const Operation& operation) {
  const bool directory = operation.path.starts_with("/api/v1/dirs");
  std::string id = api.session_id;
  if (operation.path.starts_with("/api/v1/uploads")) id = upload;
  if (operation.path.find("/keys/") != std::string::npos) id = key;
  if (operation.path.starts_with("/api/v1/archives")) id = archive;
  if (operation.path.starts_with("/api/v1/shares")) id = share;
  if (operation.path.starts_with("/api/v1/trash")) id = trash;
  if (operation.path.starts_with("/api/v1/audit")) id = event;
  std::string out = operation.path;
  for (const auto& [placeholder, value] :
       {std::pair{std::string{"{path}"}, api.username + (directory ? "/dir" : "/dir/file.txt")},
        {"{username}", api.username},
        {"{id}", id}}) {
    if (const auto found = out.find(placeholder); found != std::string::npos)
      out.replace(found, placeholder.size(), value);
  }
  // There is none before the event is sealed, a second later at most.
  if (out.ends_with("/proof"))
    for (int i = 0; i < 500 && api.get(out).status == 404; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
  return out;
}

} // namespace baluhost::test
