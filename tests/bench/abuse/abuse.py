"""What others feel of one account that wears them out. See abuse.sh.

Usage: abuse.py PORT DATABASE SECONDS EVENTS ANNA MALLORY AUDREY EVE [ABUSE …]
(the tokens of two users and two auditors)
"""
import http.client
import multiprocessing
import os
import socket
import sqlite3
import statistics
import sys
import threading
import time

port, database, seconds, events = (
    int(sys.argv[1]),
    sys.argv[2],
    float(sys.argv[3]),
    int(sys.argv[4]),
)
anna, mallory, audrey, eve = sys.argv[5:9]
wanted = sys.argv[9:]
noise = 5.0  # ms
api = "/api/v1"
stop = multiprocessing.Event()


def head(method, target, token, fields=""):
    return (
        f"{method} {api}{target} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer"
        f" {token}\r\n{fields}\r\n".encode()
    )


def ask(method, target, token, body=None):
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    client.request(method, api + target, body, {"Authorization": "Bearer " + token})
    answer = client.getresponse()
    answer.read()
    client.close()
    return answer.status


def fill_trail():
    """Half of the rows have one action and half another.

    Who asks for both of different halves looks at one half whole.
    """
    with sqlite3.connect(database, timeout=60) as db:
        db.execute(
            (
                "insert into audit_logs (timestamp, event_type, action, success, resource, details)"
                " select 1764000000000000 + i, 'SYSTEM', case when i % 2 then 'integrity_scrub'"
                " else 'backup_created' end, 1, case when i % 2 then 'odd' else 'even' end, '{}'"
                " from (with recursive n (i) as (select 1 union all select i + 1 from n where i <"
                " ?) select i from n)"
            ),
            (events,),
        )
    db.close()


def times_of(method, target, body):
    """Milliseconds of requests one after the other on one connection.

    A pause between them leaves the machine to the server.
    """
    times = []
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.perf_counter()
        client.request(method, api + target, body, {"Authorization": "Bearer " + anna})
        answer = client.getresponse()
        answer.read()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status not in (200, 201):
            sys.exit(f"{method} {target} is {answer.status}")
        time.sleep(0.002)
    return times


def percentile(method, target, body=None):
    times = sorted(times_of(method, target, body))
    return times[min(len(times) - 1, int(len(times) * 0.99))]


def others():
    """The median of three 99th percentiles each."""
    return {
        "GET": statistics.median(percentile("GET", "/files/anna/file") for _ in range(3)),
        "PUT": statistics.median(
            percentile("PUT", "/files/anna/file?overwrite=true", b"x" * 1024) for _ in range(3)
        ),
    }


def each_drained(connection):
    try:
        while connection.recv(65536):
            pass
    except OSError:
        pass


def refusals():
    connection = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=each_drained, args=(connection,), daemon=True).start()
    request = head("GET", "/files/anna/" + "x" * 900, mallory, "User-Agent: " + "u" * 500 + "\r\n")
    while not stop.is_set():
        connection.sendall(request * 50)
    connection.close()


def slow_exports():
    readers = []
    for _ in range(4):
        reader = socket.socket()
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.connect(("127.0.0.1", port))
        reader.sendall(head("GET", "/audit/export?format=ndjson", eve))
        reader.recv(1)
        readers.append(reader)
    while not stop.wait(5):
        for reader in readers:
            reader.recv(1)


def queries():
    def crowd():
        while not stop.is_set():
            ask("GET", "/audit/events?action=integrity_scrub&resource=even", eve)

    crowds = [threading.Thread(target=crowd) for _ in range(32)]
    for each in crowds:
        each.start()
    for each in crowds:
        each.join()


def creations():
    connection = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=each_drained, args=(connection,), daemon=True).start()
    # base64 of /mallory/f
    request = head(
        "POST",
        "/uploads",
        mallory,
        (
            "Tus-Resumable: 1.0.0\r\nUpload-Length: 1\r\nUpload-Metadata: path"
            " L21hbGxvcnkvZg==\r\nContent-Length: 0\r\n"
        ),
    )
    while not stop.is_set():
        connection.sendall(request * 10)
    connection.close()


def size():
    return sum(
        os.path.getsize(database + suffix)
        for suffix in ("", "-wal")
        if os.path.exists(database + suffix)
    )


fill_trail()
if ask("PUT", "/files/anna/file", anna, b"x" * 1024) != 201:
    sys.exit("no file")
failed = False
for abuse in (refusals, slow_exports, queries, creations):
    if wanted and abuse.__name__ not in wanted:
        continue
    quiet = others()
    before = size()
    stop.clear()
    abuser = multiprocessing.Process(
        target=abuse, daemon=True
    )  # whose work is not that of who measures
    abuser.start()
    time.sleep(min(seconds, 1))
    busy = others()
    went_on = {
        "statistics": ask("GET", "/audit/stats", audrey),
        "export": ask("GET", "/audit/export?format=csv&action=login_success", audrey),
        "verification": ask("POST", "/audit/verify", audrey),
    }
    stop.set()
    abuser.join(30)
    abuser.terminate()
    grown = size() - before
    figures = ", ".join(
        f"{name} {quiet[name]:.2f} -> {busy[name]:.2f} ms ({busy[name] / quiet[name]:.2f}x)"
        for name in quiet
    )
    print(
        f"{abuse.__name__}: 99 % of others within {figures}; the database grew by"
        f" {grown / 2**20:.1f} MiB; "
        + ", ".join(f"{name} {status}" for name, status in went_on.items()),
        flush=True,
    )
    worse = [
        name for name in quiet if busy[name] > 2 * quiet[name] and busy[name] - quiet[name] > noise
    ]
    refused = [name for name, status in went_on.items() if status != 200]
    for name in worse + refused:
        print(f"{abuse.__name__}: {name} OF OTHERS SUFFERS", file=sys.stderr)
        failed = True
    time.sleep(1)
sys.exit(failed)
