#!/usr/bin/env bash
# What others wait while a tree goes: the 99th percentile of one user's PUT and GET of 1 KiB, alone,
# and beside the change of a tree of N files of another user, from its request to its last event.
# The tree goes to the trash, comes back, and is deleted for good; then an account with such a tree
# is purged. Fails where a percentile passes the limit, where the answer comes late (trash and back:
# after a second; what is removed: after two seconds more than its patience), or where an event is
# missing. Usage: trees.sh [sqlite|postgresql|both] [FILES, a power of two] [LIMIT, times the quiet
# percentile] [CHANGES, of "trash restore delete purge"]
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need curl python3
which=${1:-both}
files=${2:-65536}
limit=${3:-2}
changes=${4:-"trash restore delete purge"}

cat >"$work/measure.py" <<'EOT'
import http.client, json, math, sys, threading, time
host, token = sys.argv[1].removeprefix("http://"), sys.argv[2]
files, limit, changes = int(sys.argv[3]), float(sys.argv[4]), sys.argv[5].split()
files_of_directory = 64

class Api:
    def __init__(self, token=None):
        self.connection, self.token = http.client.HTTPConnection(host, timeout=600), token
    def again(self): return Api(self.token) # the server closes a connection that is silent
    def ask(self, method, target, body=None, kind="application/json", wanted=(200, 201, 204)):
        headers = {"Content-Type": kind}
        if self.token: headers["Authorization"] = f"Bearer {self.token}"
        self.connection.request(method, "/api/v1" + target, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status in wanted, (method, target, answer.status, content[:300])
        return json.loads(content) if content else None

admin = Api(token)
def user(name):
    admin.ask("POST", "/users", json.dumps({"username": name, "password": "a fine pass phrase"}))
    login = {"username": name, "password": "a fine pass phrase"}
    reply = Api().ask("POST", "/auth/login", json.dumps(login))
    return Api(reply["access_token"])

def grow(api, name):
    for i in range(files_of_directory):
        api.ask("PUT", f"/files/{name}/t/f{i}?parents=true", b"x", "application/octet-stream")
    for i in range(int(math.log2(files // files_of_directory))):
        api.ask("POST", "/actions/copy", json.dumps({"from": f"/{name}/t", "to": f"/{name}/c"}))
        move = {"from": f"/{name}/c", "to": f"/{name}/t/c{i}"}
        api.ask("POST", "/actions/move", json.dumps(move))

def newest(action, name):
    events = admin.ask("GET", f"/audit/events?user={name}&action={action}&limit=1")["items"]
    return events[0]["id"] if events else None
def recorded(action, name):
    actions = admin.ask("GET", f"/audit/stats?user={name}")["by_action"]
    return actions.get(action, {"succeeded": 0})["succeeded"]

bert = user("bert")
def others(stop):
    times, n = {"PUT": [], "GET": []}, 0
    while not stop.is_set() or n < 2000:
        for method in times:
            began = time.perf_counter()
            if method == "PUT":
                bert.ask("PUT", f"/files/bert/f{n % 50}?overwrite=true", b"x" * 1024,
                         "application/octet-stream")
            else:
                bert.connection.request("GET", f"/api/v1/files/bert/f{n % 50}",
                                        headers={"Authorization": f"Bearer {bert.token}"})
                bert.connection.getresponse().read()
            times[method].append((time.perf_counter() - began) * 1e3)
        n += 1
    return {method: sorted(all)[int(0.99 * len(all))] for method, all in times.items()}

stopped = threading.Event()
stopped.set()
others(stopped)
quiet = others(stopped)
print(f"  alone: 99 % of PUT within {quiet['PUT']:.1f} ms, of GET within {quiet['GET']:.1f} ms")
missed, owner = [], user("anna")
if changes != ["purge"]: grow(owner, "anna")
if "purge" in changes: grow(user("carl"), "carl")

def change(what):
    anna, admin2 = owner.again(), admin.again()
    if what == "purge": admin2.ask("DELETE", "/users/carl?purge=true")
    elif what == "restore":
        entry = anna.ask("GET", "/trash")["items"][0]["id"]
        anna.ask("POST", f"/trash/{entry}/restore", "{}")
    else:
        permanent = "&permanent=true" if what == "delete" else ""
        anna.ask("DELETE", f"/files/anna/t?recursive=true{permanent}")

for what in changes:
    action, actor = ("delete", "admin") if what == "purge" else (what, "anna")
    stop, answer = threading.Event(), {}
    def run():
        try:
            began = time.monotonic()
            change(what)
            answer["took"] = time.monotonic() - began
            # The statistics are costly: they are asked for once no event comes any more.
            while recorded(action, actor) < files + 1:
                last = None
                while (now := newest(action, actor)) != last:
                    last, answer["all"] = now, time.monotonic() - began
                    time.sleep(3)
        finally: stop.set()
    thread = threading.Thread(target=run)
    thread.start()
    busy = others(stop)
    thread.join()
    ratios = {method: busy[method] / quiet[method] for method in busy}
    print(f"  {what} of {files:,} files: answered after {answer['took']:.2f} s,"
          f" all recorded after {answer['all']:.1f} s;"
          f" 99 % of others' PUT within {busy['PUT']:.1f} ms ({ratios['PUT']:.1f} times),"
          f" of GET within {busy['GET']:.1f} ms ({ratios['GET']:.1f} times)", flush=True)
    missed += [f"{method} beside {what}" for method in ratios if ratios[method] > limit]
    if answer["took"] > (1 if what in ("trash", "restore") else 4):
        missed.append(f"the answer to {what}")
sys.exit("TOO SLOW: " + ", ".join(missed) if missed else 0)
EOT

measure() { # NAME
  echo "$1:"
  python3 "$work/measure.py" "$url" "$token" "$files" "$limit" "$changes"
  stop_server || true
}
# Tokens outlive the longest run.
unlimited=("files.max_entries_per_user=0" "files.max_entries_at_once=0" "auth.access_ttl=\"12h\"")

measure_both trees "${unlimited[@]}"
