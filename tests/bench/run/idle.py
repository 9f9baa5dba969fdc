#!/usr/bin/env python3
"""What a server costs that has nothing to do.

    idle.py starts BINARY CONFIGURATION TIMES   lines of seconds to ready, MiB resident and threads
    idle.py connections PORT PID COUNT          MiB resident with COUNT idle connections

A start counts until the server answers /readyz. Each connection has had an answer before it idles.
"""

import http.client
import pathlib
import selectors
import socket
import subprocess
import sys
import time

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n"


def status(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1])
    raise SystemExit("the server is gone")


def start(binary, configuration):
    began = time.perf_counter()
    command = [binary, "--config", configuration]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        for line in server.stdout:
            if "listening on" in line:
                break
        else:
            raise SystemExit("the server did not start")
        connection = http.client.HTTPConnection(line.split("://")[1].strip())
        connection.request("GET", "/readyz")
        if connection.getresponse().status != 200:
            raise SystemExit("the server is not ready")
        took = time.perf_counter() - began
        connection.close()
        time.sleep(1)
        resident, threads = status(server.pid, "VmRSS"), status(server.pid, "Threads")
        print(f"{took:.4f} {resident / 1024:.2f} {threads}")
    finally:
        server.terminate()
        server.wait()


def hold(port, pid, count):
    sockets, answered = [], 0
    selector = selectors.DefaultSelector()
    for number in range(count):
        source = (f"127.0.0.{1 + number % 2}", 0)  # half of all are the most of one address
        connection = socket.create_connection(("127.0.0.1", port), source_address=source)
        connection.sendall(REQUEST)
        selector.register(connection, selectors.EVENT_READ)
        sockets.append(connection)
        for key, _ in selector.select(0):
            answered += take(key.fileobj, selector)
    deadline = time.monotonic() + 20
    while answered < count and time.monotonic() < deadline:
        for key, _ in selector.select(1):
            answered += take(key.fileobj, selector)
    if answered < count:
        raise SystemExit(f"{answered} of {count} connections were answered")
    time.sleep(0.5)
    print(f"{status(pid, 'VmRSS') / 1024:.1f}")
    sockets[0].sendall(REQUEST)  # they are still there
    if not sockets[0].recv(4096).startswith(b"HTTP/1.1 200"):
        raise SystemExit("an idle connection was closed")


def take(connection, selector):
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        raise SystemExit("a connection was refused")
    selector.unregister(connection)
    return 1


def main():
    if sys.argv[1] == "starts":
        for _ in range(int(sys.argv[4])):
            start(sys.argv[2], sys.argv[3])
    else:
        hold(*map(int, sys.argv[2:]))


main()
