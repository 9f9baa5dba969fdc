#!/usr/bin/env bash
# What archives cost: one of 2 × FILES entries (half of them directories), one whose only large file
# has GIB GiB (ZIP64 from 4 on), and one of four such files. Each is checked by the tools of others.
# Prints times and how much the server's peak memory grew. Fails if that is LIMIT MiB or more, if a
# tool finds fault, if a download that was broken off does not resume to the same bytes, at 100
# random places too, or if an event is missing. Needs six times GIB free below /tmp. Usage:
# archives.sh [FILES, a power of two] [GIB] [LIMIT]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl openssl sqlite3 python3 unzip 7z bsdtar
files=${1:-65536}
gib=${2:-5}
limit=${3:-32}
bytes=$((gib * 1024 * 1024 * 1024))
[ "$(df --output=avail -B1 "$work" | tail -n 1)" -gt $((bytes * 6)) ] ||
  { echo "There is not enough room below /tmp" >&2; exit 1; }

memory() { awk '/^VmRSS/ { print $2 }' "/proc/$server_pid/status"; }
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$server_pid/status"; }
ask() { curl -sSf -H "Authorization: Bearer $token" "$@"; }
json() { ask -H 'Content-Type: application/json' -d "$2" "$api/$1"; }
begin() { before=$(memory); echo 5 >"/proc/$server_pid/clear_refs"; }
grown() {
  local kib=$(($(peak) - before))
  [ "$kib" -lt $((limit * 1024)) ] || { echo "THE SERVER GREW BY $kib KiB" >&2; exit 1; }
  echo "$kib KiB"
}
# make PATH: sets $archive to the URL of an archive of it, and prints how long that took.
make() {
  local began size
  began=$(now)
  json archives "{\"paths\":[\"$1\"]}" >"$work/reply"
  archive=$url$(sed 's/.*"url":"\([^"]*\)".*/\1/' "$work/reply")
  size=$(sed 's/.*"size":\([0-9]*\).*/\1/' "$work/reply")
  echo "$1: an archive of $size bytes, made in $(since "$began") s"
}
check() {
  local began
  began=$(now)
  unzip -tqq "$work/a.zip"
  7z t "$work/a.zip" >/dev/null
  bsdtar -tf "$work/a.zip" >/dev/null
  python3 -c 'import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() or 0)' \
    "$work/a.zip"
  echo "  unzip, 7z, bsdtar and Python find no fault in $(since "$began") s"
}
# resume AT: the archive, broken off there, resumed beside the whole one.
resume() {
  local began
  head -c "$1" "$work/a.zip" >"$work/part.zip"
  began=$(now)
  ask -C - -o "$work/part.zip" "$archive"
  cmp "$work/a.zip" "$work/part.zip"
  rm "$work/part.zip"
  echo "  broken off at byte $1: resumed to the same bytes in $(since "$began") s"
}
# resume_often: the archive from 100 random places on, 32 MiB of each, as `curl -C -` would.
resume_often() {
  local began at piece=$((32 << 20))
  began=$(now)
  for at in $(shuf -n 100 -i 0-$(($(stat -c %s "$work/a.zip") - 1))); do
    cmp <(ask -C "$at" "$archive" 2>/dev/null | head -c $piece) \
      <(tail -c +$((at + 1)) "$work/a.zip" | head -c $piece) ||
      { echo "RESUMED AT $at TO OTHER BYTES" >&2; exit 1; }
  done
  echo "  resumed at 100 random places to the same bytes in $(since "$began") s"
}

start_server archives 'files.max_entries_at_once=0' 'files.max_archive_entries=0' \
  'files.max_archives=0' 'auth.access_ttl="6h"'
head -c 1024 /dev/urandom >"$work/small"
ask -o /dev/null -T "$work/small" "$api/files/admin/t/f?parents=true"
for ((i = 0; 1 << i < files; ++i)); do
  json actions/copy '{"from":"/admin/t","to":"/admin/c"}' >/dev/null
  json actions/move "{\"from\":\"/admin/c\",\"to\":\"/admin/t/c$i\"}" >/dev/null
done
begin
make /admin/t
echo "  memory grew by $(grown) meanwhile"
begin
began=$(now)
ask -o "$work/a.zip" "$archive"
echo "  sent in $(since "$began") s, memory grew by $(grown)"
check
resume 1000000
resume_often

head -c "$bytes" /dev/zero |
  openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff \
  -iv 00000000000000000000000000000000 >"$work/source"
ask -o /dev/null -T "$work/source" "$api/files/admin/large/a?parents=true"
rm "$work/source"
ask -o /dev/null -T "$work/small" "$api/files/admin/large/b"
begin
make /admin/large
began=$(now)
ask -o "$work/a.zip" "$archive"
echo "  sent in $(since "$began") s, memory grew by $(grown)"
check
resume $((bytes - 1000))
echo "  memory grew by $(grown) with that"
rm "$work/a.zip"

ask -o /dev/null -X POST "$api/dirs/admin/four"
for name in 1 2 3 4; do
  json actions/copy "{\"from\":\"/admin/large/a\",\"to\":\"/admin/four/$name\"}" >/dev/null
done
begin
make /admin/four
began=$(now)
ask -o "$work/a.zip" "$archive"
echo "  sent in $(since "$began") s, memory grew by $(grown)"
check
resume_often
echo "  memory grew by $(grown) with that"

kill -TERM "$server_pid"
wait "$server_pid" || true
events=$(sqlite3 "$work/archives/data/baluhost.db" \
  "select count(distinct resource) from audit_logs where action = 'download' and success = 1
     and details like '%\"archive\"%'")
[ "$events" = $((files + 6)) ] || { echo "$events FILES ARE ON RECORD" >&2; exit 1; }
echo "each file is on record"
