"""A thousand slow clients: a third each drips its head, drips its body and hardly reads. Prints how each kind ended.

Usage: slow_clients.py PORT TOKEN CLIENTS SECONDS
"""
import collections
import selectors
import socket
import sys
import time

port, token, clients, seconds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
authorization = f"Authorization: Bearer {token}\r\n"
requests = {
    "head": b"GET /api/v1/files/admin/file HTTP/1.1\r\nHost: bench\r\nX-Slow: " + b"x" * 1000,
    "body": f"PUT /api/v1/files/admin/slow-%d?overwrite=true HTTP/1.1\r\nHost: bench\r\n{authorization}Content-Length: 1000000\r\n\r\n".encode(),
    "read": f"GET /api/v1/files/admin/large HTTP/1.1\r\nHost: bench\r\n{authorization}\r\n".encode(),
}
kinds = list(requests)
ended = collections.Counter()
selector = selectors.DefaultSelector()


class Client:
    def __init__(self, number):
        self.kind = kinds[number % 3]
        self.socket = socket.socket()
        if self.kind == "read":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind((f"127.0.{1 + number // 250}.{1 + number % 250}", 0))
        self.socket.connect(("127.0.0.1", port))
        request = requests[self.kind].replace(b"%d", str(number).encode())
        if self.kind == "head":
            self.rest = request
        else:
            self.socket.sendall(request)
            self.rest = b"z" * 1000 if self.kind == "body" else b""
        self.socket.setblocking(False)
        if self.kind != "read":
            selector.register(self.socket, selectors.EVENT_READ, self)

    def drip(self):
        """One byte a second out, or a few in. False once the server has ended it."""
        try:
            if self.kind == "read":
                return len(self.socket.recv(16)) > 0
            self.socket.send(self.rest[:1])
            self.rest = self.rest[1:]
            return True
        except BlockingIOError:
            return True
        except OSError:
            return False


alive = [Client(number) for number in range(clients)]
print(f"{len(alive)} connected", flush=True)
end = time.monotonic() + seconds
while alive and time.monotonic() < end:
    begin = time.monotonic()
    cut = set()
    for key, _ in selector.select(0):
        cut.add(key.data)  # an answer or the end: either way the server gave up waiting
    step = len(alive) // 20 + 1
    for index, client in enumerate(alive):
        if client not in cut and not client.drip():
            cut.add(client)
        if index % step == 0:
            time.sleep(0.04)  # spread over the second
    for client in cut:
        ended[client.kind] += 1
        if client.kind != "read":
            selector.unregister(client.socket)
        client.socket.close()
    alive = [client for client in alive if client not in cut]
    time.sleep(max(0.0, 1 - (time.monotonic() - begin)))
print("cut: " + ", ".join(f"{ended[kind]} of {kind}" for kind in kinds) + f"; alive: {len(alive)}")
sys.exit(1 if alive else 0)
