#include "seals/merkle.hpp"

#include "baluhost/memory/portable_digester.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

namespace {

/// The inputs and results of the Certificate Transparency reference implementation.
const std::vector<std::string> kInputs = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

struct Vectors {
  Vectors() {
    for (const auto& hex : kInputs) leaves.push_back(merkle_leaf(*digester, from_hex(hex).value()));
  }
  std::vector<std::string> path(std::size_t index, std::size_t size) const {
    std::vector<std::string> hex;
    for (const auto& node : inclusion_path(*digester, std::span(leaves).first(size), index))
      hex.push_back(node.hex());
    return hex;
  }
  std::unique_ptr<Digester> digester = make_portable_digester();
  std::vector<Sha256Digest> leaves;
};

} // namespace

TEST_CASE("the root after each input is that of RFC 6962") {
  const Vectors vectors;
  MerkleTree tree(*vectors.digester);
  CHECK(tree.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < kInputs.size(); ++i) {
    tree.add(from_hex(kInputs[i]).value());
    CHECK(tree.root().hex() == kRoots[i]);
    CHECK(tree.size() == static_cast<std::int64_t>(i + 1));
  }
  tree.clear();
  tree.add("");
  CHECK(tree.root().hex() == kRoots[0]);
}

TEST_CASE("audit paths are those of RFC 6962") {
  const Vectors vectors;
  using Path = std::vector<std::string>;
  CHECK(vectors.path(0, 1).empty());
  CHECK(vectors.path(0, 8) ==
        Path{"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"});
  CHECK(vectors.path(5, 8) ==
        Path{"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
             "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
             "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"});
  CHECK(vectors.path(2, 3) ==
        Path{"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"});
  CHECK(vectors.path(1, 5) ==
        Path{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
             "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
             "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"});
}

TEST_CASE("a path leads to the root from its own leaf, place and tree only") {
  const auto digester = make_portable_digester();
  std::vector<Sha256Digest> leaves;
  MerkleTree tree(*digester);
  for (std::int64_t size = 1; size <= 40; ++size) {
    const auto input = std::to_string(size);
    leaves.push_back(merkle_leaf(*digester, input));
    tree.add(input);
    for (std::int64_t index = 0; index < size; ++index) {
      auto path = inclusion_path(*digester, leaves, static_cast<std::size_t>(index));
      const auto& leaf = leaves[static_cast<std::size_t>(index)];
      REQUIRE(root_of_path(*digester, leaf, index, size, path) == tree.root());
      REQUIRE(root_of_path(*digester, merkle_leaf(*digester, "x"), index, size, path) !=
              tree.root());
      if (size > 1)
        REQUIRE(root_of_path(*digester, leaf, (index + 1) % size, size, path) != tree.root());
      auto longer = path;
      longer.push_back(leaf);
      REQUIRE(root_of_path(*digester, leaf, index, size, longer) != tree.root());
      if (path.empty()) continue;
      auto shorter = path;
      shorter.pop_back();
      REQUIRE(root_of_path(*digester, leaf, index, size, shorter) != tree.root());
      path.front().bytes[0] ^= 1;
      REQUIRE(root_of_path(*digester, leaf, index, size, path) != tree.root());
    }
    REQUIRE_FALSE(root_of_path(*digester, leaves[0], size, size, {}));
    REQUIRE_FALSE(root_of_path(*digester, leaves[0], -1, size, {}));
  }
}
