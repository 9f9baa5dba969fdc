#!/bin/sh
# Takes the nginx and Caddy examples out of docs/operations.md, puts them in front of a server and
# drives them. Not part of the test run.
#   tests/attack/proxies.sh PATH/TO/baluhostd [nginx] [caddy] [quiet]
#
# quiet: also holds a silent event stream for 80 s
# Only ports, paths of certificates and the server's address are changed. Needs nginx-light, caddy,
# openssl, curl, python3.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
baluhostd=$1
shift
proxies=${*:-nginx caddy}
work=$(mktemp -d)
chmod 755 "$work"
pids=
stop() {
  for pid in $pids; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap stop EXIT
# So that a client is not the proxy's own address.
client=$(hostname -I | tr ' ' '\n' | grep -v : | head -n 1)

example() { # what stands between FENCE and the next one, after the line that begins with AFTER
  awk -v after="$1" -v fence="$2" \
    'index($0, after) == 1 { found = 1 } inside && /^```/ { exit } inside { print }
     found && $0 == fence { inside = 1 }' \
    "$here/../../docs/operations.md"
}

(umask 077; echo 'correct horse battery' >"$work/password")
BALUHOST_ADMIN_PASSWORD_FILE="$work/password" BALUHOST_SERVER__TRUSTED_PROXIES=127.0.0.1 \
  BALUHOST_FILES__MIN_FREE_BYTES=1MiB \
  "$baluhostd" --listen 127.0.0.1:18480 --data-dir "$work/data" >"$work/out" 2>&1 &
server=$!
pids=$server
until curl -sf -o /dev/null http://127.0.0.1:18480/readyz; do
  kill -0 "$server" || { cat "$work/out" >&2; exit 1; }
  sleep 0.1
done

failed=0
drive() { # NAME HTTPS HTTP
  for _ in $(seq 100); do
    curl -ksf -o /dev/null --resolve "files.example.org:$2:$client" \
      "https://files.example.org:$2/livez" && break
    sleep 0.1
  done
  quiet=
  case " $proxies " in *" quiet "*) quiet=quiet ;; esac
  echo "== $1"
  python3 "$here/proxies.py" "$client" "$2" "$3" "$server" $quiet || failed=1
}

case " $proxies " in *" nginx "*)
  openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 2 \
    -subj /CN=files.example.org \
    -keyout "$work/files.key" -out "$work/files.pem" 2>/dev/null
  mkdir "$work/nginx"
  {
    echo "pid $work/nginx/pid; error_log $work/nginx/error.log;"
    echo "worker_processes 1; daemon off; events {}"
    echo "http { access_log off;"
    for kind in client_body proxy fastcgi uwsgi scgi; do
      echo "${kind}_temp_path $work/nginx/$kind;"
    done
    example 'nginx (' '```nginx' |
      sed "s/127.0.0.1:8080/127.0.0.1:18480/; s,/etc/ssl/,$work/,
           s,https://files.example.org,&:18484,
           s/\\(listen .*\\)\\b80;/\\118483;/; s/\\(listen .*\\)\\b443 /\\118484 /"
    echo '}'
  } >"$work/nginx.conf"
  nginx -c "$work/nginx.conf" -p "$work" 2>"$work/nginx/start" &
  pids="$pids $!"
  drive nginx 18484 18483 ;;
esac

case " $proxies " in *" caddy "*)
  {
    echo "{ http_port 18485"
    echo "https_port 18486"
    echo "skip_install_trust"
    echo "local_certs"
    echo "storage file_system $work/caddy"
    echo "admin off"
    echo "}"
    example 'Caddy (' '```' | sed 's/127.0.0.1:8080/127.0.0.1:18480/'
  } | sed '1s/{ /{\n/' >"$work/Caddyfile"
  caddy run --config "$work/Caddyfile" --adapter caddyfile >"$work/caddy.log" 2>&1 &
  pids="$pids $!"
  drive Caddy 18486 18485 ;;
esac
exit $failed
