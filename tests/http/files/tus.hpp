#pragma once

#include "wire.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// What the tests of resumable uploads share.
namespace baluhost::test {

inline const std::string kUploads = kApi + "/uploads";
inline const std::string kOctets = "application/offset+octet-stream";

/// The headers of tus in front of others.
inline Headers tus(Headers more = {}) {
  more.insert(more.begin(), {"Tus-Resumable", "1.0.0"});
  return more;
}

inline std::string metadata(const std::string& path, const std::string& more = {}) {
  return "path " + base64(path) + more;
}

inline Response create(Api& api, const std::string& path, std::size_t length,
                       const std::string& more_metadata = {}) {
  return api.send("POST", kUploads,
                  tus({{"Upload-Length", std::to_string(length)},
                       {"Upload-Metadata", metadata(path, more_metadata)}}),
                  "");
}

/// A fresh upload's location.
inline std::string begin(Api& api, const std::string& path, std::size_t length,
                         const std::string& more_metadata = {}) {
  const Response made = create(api, path, length, more_metadata);
  REQUIRE(made.status == 201);
  const std::string location = made.header("Location").value_or("");
  REQUIRE(location.starts_with(kUploads + "/"));
  return location;
}

inline Response append(Api& api, const std::string& location, std::size_t offset,
                       std::string_view bytes, Headers more = {}) {
  more.insert(more.end(), {{"Upload-Offset", std::to_string(offset)}, {"Content-Type", kOctets}});
  return api.send("PATCH", location, tus(std::move(more)), bytes);
}

inline Response status(Api& api, const std::string& location) { return api.head(location, tus()); }
inline std::string offset(Api& api, const std::string& location) {
  return status(api, location).header("Upload-Offset").value_or("none");
}

inline Headers checksum(const std::string& algorithm, std::string_view bytes) {
  return {
      {"Upload-Checksum",
       algorithm + " " + base64(digest(algorithm == "sha1" ? Hash::sha1 : Hash::sha256, bytes))}};
}

/// A PATCH whose body does not come to its end.
inline HttpClient half_append(const Server& server, const Api& api, const std::string& location,
                              std::size_t offset, std::size_t announced, std::string_view bytes) {
  HttpClient client = server.client();
  client.send("PATCH " + location + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              api.access_token + "\r\nTus-Resumable: 1.0.0\r\nContent-Type: " + kOctets +
              "\r\nUpload-Offset: " + std::to_string(offset) +
              "\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n");
  client.send(bytes);
  return client;
}

/// A PUT of `announced` bytes that has been let in, and whose body has not come yet.
inline HttpClient let_in(const Server& server, const Api& api, const std::string& target,
                         std::size_t announced) {
  HttpClient client = server.client();
  client.connect();
  client.send(
      "PUT " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + api.access_token +
      "\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(announced) + "\r\n\r\n");
  std::string interim;
  while (!interim.ends_with("\r\n\r\n")) {
    const std::string some = client.read_some(1);
    REQUIRE_FALSE(some.empty());
    interim += some;
  }
  REQUIRE(interim.starts_with("HTTP/1.1 100"));
  return client;
}

inline std::string staging(const Server& server) { return server.data_dir() + "/blobs/staging"; }

} // namespace baluhost::test
