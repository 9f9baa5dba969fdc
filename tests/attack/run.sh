#!/bin/sh
# Turns known attack tools on a server of its own on this machine. Not part of the test run: they
# take minutes, and their findings want reading.
#   tests/attack/run.sh PATH/TO/baluhostd [install] [sqlmap] [ffuf] [wapiti] [testssl]
# Exit 1 if sqlmap finds an injection, or if the server answered anything with 500 or 503 or is gone
# at the end. Reports stay in build/attack-report.
set -eu

baluhostd=$1
shift
tools=${*:-sqlmap ffuf wapiti testssl}
report=$PWD/build/attack-report
work=$(mktemp -d)
url=http://127.0.0.1:18480
metrics=http://127.0.0.1:18482
tls=https://127.0.0.1:18481
server=
tls_server=
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$tls_server" ] || kill "$tls_server" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT
mkdir -p "$report"

case " $tools " in *" install "*)
  apt-get update -q && apt-get install -y -q sqlmap ffuf wapiti testssl.sh curl openssl ;;
esac

wait_for() {
  for _ in $(seq 100); do
    curl -ksf -o /dev/null "$1/readyz" && return
    sleep 0.1
  done
  echo "no server at $1" >&2
  exit 1
}

(umask 077; echo 'correct horse battery' >"$work/password")
export BALUHOST_ADMIN_PASSWORD_FILE="$work/password"
BALUHOST_AUTH__MAX_ATTEMPTS=1000000 BALUHOST_AUTH__ACCESS_TTL=6h \
  BALUHOST_FILES__MIN_FREE_BYTES=1MiB \
  BALUHOST_METRICS__LISTEN=${metrics#http://} "$baluhostd" --listen "${url#http://}" \
  --data-dir "$work/data" >"$work/out" 2>"$report/server.log" &
server=$!
wait_for "$url"
token=$(curl -sf -H 'Content-Type: application/json' "$url/api/v1/auth/login" \
  -d '{"username":"admin","password":"correct horse battery"}' |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')
bearer="Authorization: Bearer $token"
curl -sf -o /dev/null -H "$bearer" -X PUT --data-binary hello "$url/api/v1/files/admin/a.txt"

failed=0
injection() { # NAME TARGET [ARGUMENTS]: `*` marks where
  name=$1 target=$2
  shift 2
  sqlmap --batch --level 2 --risk 1 \
    --flush-session --disable-coloring --ignore-code 400,401,403,404,409 \
    --output-dir "$work/sqlmap" \
    -u "$url$target" -H "$bearer" "$@" >"$report/sqlmap-$name.txt" 2>&1 || true
  if grep -q 'injection point' "$report/sqlmap-$name.txt"; then
    echo "sqlmap: an injection by $name" >&2
    failed=1
  elif grep -q 'do not appear to be injectable' "$report/sqlmap-$name.txt"; then
    echo "sqlmap: $name holds"
  else
    echo "sqlmap: $name was not tried to its end" >&2
    failed=1
  fi
}

case " $tools " in *" sqlmap "*)
  injection username '/api/v1/auth/login' -H 'Content-Type: application/json' \
    --data '{"username":"admin*","password":"x"}'
  injection prefix '/api/v1/audit/events?resource_prefix=/admin*'
  injection user '/api/v1/audit/events?user=admin*'
  injection path '/api/v1/meta/admin/a.txt*'
  injection cursor '/api/v1/dirs/admin?cursor=a*' ;;
esac

case " $tools " in *" ffuf "*)
  awk 'BEGIN {
         for (i = 0; i < 256; i++)
           printf "%%%02x\n%%%02xa.txt\n..%%%02x..%%%02xetc%%%02xpasswd\n", i, i, i, i, i
         split("../ ..%2f ..%5c %2e%2e/ ..%252f ..;/ ....// %c0%ae%c0%ae/ .%00./", dots, " ")
         for (d in dots)
           for (n = 1; n < 12; n++) {
             text = ""
             for (i = 0; i < n; i++) text = text dots[d]
             print text "etc/passwd"
           }
       }' >"$work/paths"
  for place in files/admin meta/admin dirs/admin files; do
    ffuf -s -t 8 -w "$work/paths" -u "$url/api/v1/$place/FUZZ" -H "$bearer" -mc 200,500-599 \
      -of csv -o "$report/ffuf-$(echo $place | tr / -).csv" >/dev/null
  done ;;
esac

case " $tools " in *" wapiti "*)
  wapiti -u "$url/api/v1/audit/events?user=admin&action=upload&resource=a" -H "$bearer" \
    --scope folder --flush-session --max-scan-time 300 -v 0 \
    -m all -f txt -o "$report/wapiti.txt" >"$report/wapiti.log" 2>&1 || true ;;
esac

case " $tools " in *" testssl "*)
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -days 2 \
    -subj /CN=localhost 2>/dev/null
  BALUHOST_TLS__CERT_FILE="$work/cert.pem" BALUHOST_TLS__KEY_FILE="$work/key.pem" \
    BALUHOST_FILES__MIN_FREE_BYTES=1MiB \
    "$baluhostd" --listen "${tls#https://}" \
    --data-dir "$work/tls" >"$work/out" 2>"$report/tls-server.log" &
  tls_server=$!
  wait_for "$tls"
  testssl --color 0 --quiet --ip 127.0.0.1 -p -s -U -h "$tls" >"$report/testssl.txt" 2>&1 || true
  if grep -E 'VULNERABLE|NOT ok' "$report/testssl.txt" >&2; then failed=1; fi ;;
esac

if ! curl -sf -o /dev/null "$url/readyz"; then
  echo "the server is gone or not ready" >&2
  failed=1
fi
curl -sf "$metrics/metrics" | grep '^baluhost_http_requests_total' >"$report/answers.txt"
if grep 'code="50[03]"' "$report/answers.txt" >&2; then failed=1; fi
exit $failed
