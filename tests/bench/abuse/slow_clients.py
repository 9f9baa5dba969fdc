"""A thousand slow clients: a third each drips its head, drips its body and does not read.

Prints how each kind ended, and when.

Usage: slow_clients.py PORT TOKEN CLIENTS TIMEOUT

Exit 1 unless the server ends each one at its deadline: TIMEOUT seconds after it came, 3 seconds
more at most.
"""
import collections
import select
import socket
import sys
import time

port, token, clients, timeout = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
late = 3
ticks = 20  # a second; in each of them a part of the clients sends its byte
authorization = f"Authorization: Bearer {token}\r\n"
requests = {
    "head": b"GET /api/v1/files/admin/file HTTP/1.1\r\nHost: bench\r\nX-Slow: " + b"x" * 1000,
    "body": (
        "PUT /api/v1/files/admin/slow-%d?overwrite=true HTTP/1.1\r\nHost:"
        f" bench\r\n{authorization}Content-Length: 1000000\r\n\r\n".encode()
    ),
    "read": (
        f"GET /api/v1/files/admin/large HTTP/1.1\r\nHost: bench\r\n{authorization}\r\n".encode()
    ),
}
kinds = list(requests)
poll = select.epoll()


class Client:
    def __init__(self, number):
        self.kind = kinds[number % 3]
        self.socket = socket.socket()
        if self.kind == "read":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
        self.socket.connect(("127.0.0.1", port))
        self.born = time.monotonic()
        request = requests[self.kind].replace(b"%d", str(number).encode())
        if self.kind == "head":
            self.rest = request
        else:
            self.socket.sendall(request)
            self.rest = b"z" * 1000 if self.kind == "body" else b""
        self.socket.setblocking(False)
        # One that does not read is told of a reset only: bytes that wait for it are no news.
        poll.register(self.socket, 0 if self.kind == "read" else select.EPOLLIN)

    def drip(self):
        try:
            self.socket.send(self.rest[:1])
            self.rest = self.rest[1:]
        except OSError:
            pass  # the poll says so


alive = {}
for number in range(clients):
    client = Client(number)
    alive[client.socket.fileno()] = client
print(f"{len(alive)} connected", flush=True)
order = [client for client in alive.values() if client.kind != "read"]
end = time.monotonic() + timeout + late
ages = collections.defaultdict(list)
begin, tick = time.monotonic(), 0
while alive and time.monotonic() < end:
    for descriptor, _ in poll.poll(0):
        client = alive.pop(descriptor)
        ages[client.kind].append(time.monotonic() - client.born)
        poll.unregister(descriptor)
        client.socket.close()
        client.rest = b""
    for client in order[tick % ticks :: ticks]:
        if client.rest:
            client.drip()
    tick += 1
    time.sleep(max(0.0, begin + tick / ticks - time.monotonic()))
early = sum(age < timeout - 1 for kind in kinds for age in ages[kind])
print(
    "cut: "
    + ", ".join(
        f"{len(ages[kind])} of {kind} after {min(ages[kind], default=0):.1f} to"
        f" {max(ages[kind], default=0):.1f} s"
        for kind in kinds
    )
    + f"; alive: {len(alive)}, cut too early: {early}"
)
sys.exit(1 if alive or early else 0)
