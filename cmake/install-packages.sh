#!/usr/bin/env bash
# Installs what is missing on Debian 12 to build BaluHost ("build"), or to build and test it
# ("tests"). Does nothing when all is there.
set -euo pipefail

build=(g++ cmake ninja-build ccache mold pkg-config libboost1.81-dev libsoci-dev libsqlite3-dev
  libpq-dev libssl-dev libcpp-jwt-dev nlohmann-json3-dev rapidjson-dev libfmt-dev libargon2-dev
  libdeflate-dev libcli11-dev libtomlplusplus-dev libspdlog-dev libutf8proc-dev catch2)
tests=(postgresql-15 postgresql-common pgbouncer sqlite3 curl openssl rclone strace python3 procps
  clang libclang-rt-14-dev clang-format-14 clang-tidy-14 codespell doxygen oathtool
  tzdata unzip p7zip-full libarchive-tools chromium)

case "${1:-}" in
  build) wanted=("${build[@]}") ;;
  tests) wanted=("${build[@]}" "${tests[@]}") ;;
  *) echo "usage: $0 build|tests" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
# Any Node.js with npm will do: the tests that use npm packages say so and pass over themselves
# where there is none.
if [ "$1" = tests ] && ! command -v npm >/dev/null; then missing+=(nodejs npm); fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
  echo "BaluHost needs packages that are not installed yet." \
    "Please run this as root, then start again:" >&2
  echo "  apt-get update && apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
# The tests start a PostgreSQL of their own: no need for one that runs all the time.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
apt-get update -q >&2
apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold \
  "${missing[@]}" >&2
