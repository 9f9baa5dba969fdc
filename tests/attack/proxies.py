"""Drives a server through a proxy that ends TLS; called by proxies.sh.

proxies.py ADDRESS HTTPS-PORT HTTP-PORT PID-OF-THE-SERVER [quiet]
"""
import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from urllib.parse import urljoin, urlsplit

NAME = "files.example.org"
ADDRESS, HTTPS, HTTP, PID = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
HOST = f"{NAME}:{HTTPS}"
HOME = f"/admin/{HTTPS}"  # of this run
MIB = 1 << 20
TLS = ssl.create_default_context()
TLS.check_hostname, TLS.verify_mode = False, ssl.CERT_NONE
failures = 0


def check(what, holds, more=""):
    global failures
    failures += not holds
    print(
        ("ok    " if holds else "FAILS ") + what + (f"  {more}"[:300] if not holds else ""),
        flush=True,
    )


def connect(timeout=30):
    return TLS.wrap_socket(
        socket.create_connection((ADDRESS, HTTPS), timeout), server_hostname=NAME
    )


def head(method, target, *fields, token=None):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}", *fields]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(connection):
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response


def request(method, target, body=None, headers=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.sock = connect()
    connection.request(method, target, body, {"Host": HOST, **(headers or {})})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


def login(**headers):
    members = {"username": "admin", "password": "correct horse battery"}
    return request(
        "POST",
        "/api/v1/auth/login",
        json.dumps(members),
        {"Content-Type": "application/json", **headers},
    )


token = json.loads(login()[2])["access_token"]
AUTH = {"Authorization": "Bearer " + token}


request("POST", f"/api/v1/dirs{HOME}", None, AUTH)


def newest(action):
    return json.loads(
        request("GET", f"/api/v1/audit/events?action={action}&limit=1", None, AUTH)[2]
    )["items"][0]


def staged():
    """How much of a running upload is on the server's disk."""
    sizes = [0]
    for descriptor in os.listdir(f"/proc/{PID}/fd"):
        try:
            if "/blobs/" in os.readlink(f"/proc/{PID}/fd/{descriptor}"):
                sizes.append(os.stat(f"/proc/{PID}/fd/{descriptor}").st_size)
        except OSError:
            pass
    return max(sizes)


check("the trail has the client's address", newest("login_success")["ip_address"] == ADDRESS)
login(**{"X-Forwarded-For": "203.0.113.66"})
check(
    "the X-Forwarded-For of a client is not believed",
    newest("login_success")["ip_address"] == ADDRESS,
)
status, headers, body = request("GET", "/nothing")
check(
    "headers of a 404 are kept, with HSTS",
    status == 404
    and headers.get("strict-transport-security", "").startswith("max-age=31536000")
    and headers["content-type"] == "application/problem+json"
    and headers["x-frame-options"] == "DENY"
    and "x-request-id" in headers,
    headers,
)
members = {"username": "admin", "password": "correct horse battery", "transport": "cookie"}
status, headers, body = request(
    "POST", "/api/v1/auth/login", json.dumps(members), {"Content-Type": "application/json"}
)
cookie = headers.get("set-cookie", "")
check(
    "the refresh cookie is Secure",
    status == 200 and cookie.startswith("__Host-baluhost_refresh=") and "; Secure" in cookie,
    (status, body),
)
browser = {
    "Cookie": cookie.split(";")[0],
    "X-Requested-With": "baluhost",
    "Origin": f"https://{HOST}",
    "Sec-Fetch-Site": "same-origin",
}
check(
    "a browser refreshes from our own origin",
    request("POST", "/api/v1/auth/refresh", b"", browser)[0] == 200,
)
check(
    "... and from no other",
    request("POST", "/api/v1/auth/refresh", b"", {**browser, "Origin": "https://evil.example"})[0]
    == 403,
)

content = os.urandom(MIB) * 64
digest = hashlib.sha256(content).hexdigest()
status, headers, body = request(
    "PUT",
    f"/api/v1/files{HOME}/sized.bin",
    content,
    AUTH | {"Content-Type": "application/octet-stream"},
)
check(
    "64 MiB with a length",
    status in (200, 201) and json.loads(body)["sha256"] == digest,
    (status, body),
)
with connect() as connection:
    connection.sendall(
        head("PUT", f"/api/v1/files{HOME}/chunked.bin", "Transfer-Encoding: chunked", token=token)
    )
    for begin in range(0, len(content), MIB):
        connection.sendall(b"100000\r\n" + content[begin : begin + MIB] + b"\r\n")
    connection.sendall(b"0\r\n\r\n")
    response = answer(connection)
    check(
        "64 MiB in chunks",
        response.status in (200, 201) and json.loads(response.read())["sha256"] == digest,
        response.status,
    )
with connect() as connection:
    connection.sendall(
        head("PUT", f"/api/v1/files{HOME}/half.bin", f"Content-Length: {16 * MIB}", token=token)
        + content[: 8 * MIB]
    )
    for _ in range(100):
        if staged() > 7 * MIB:
            break
        time.sleep(0.05)
    check(
        "what was sent of an upload is at the server before it ends", staged() > 7 * MIB, staged()
    )
    connection.sendall(content[: 8 * MIB])
    check("... and it ends", answer(connection).status in (200, 201))
curl = subprocess.run(
    [
        "curl",
        "-sk",
        "--connect-to",
        f"::{ADDRESS}:",
        "-H",
        "Authorization: Bearer " + token,
        "-H",
        "Expect: 100-continue",
        "-T",
        __file__,
        "-o",
        "/dev/null",
        "-w",
        "%{http_code} %{http_version}",
        f"https://{HOST}/api/v1/files{HOME}/expect.txt",
    ],
    capture_output=True,
    text=True,
)
check("curl uploads with Expect, over HTTP/2", curl.stdout == "201 2", curl.stdout)
big = b'{"username":"' + b"a" * 200_000 + b'"}'
check(
    "a JSON body of 200 KB is 413",
    request("POST", "/api/v1/users", big, AUTH | {"Content-Type": "application/json"})[0] == 413,
)
for name in ("a%20b", "caf%C3%A9", "100%25", "a%3Fb", "a%23b", "a+b%2Bc", "a%3Bb"):
    put = request("PUT", f"/api/v1/files{HOME}/{name}", b"x", AUTH)[0]
    check(
        f"the name {name} arrives as it is",
        put == 201 and request("GET", f"/api/v1/files{HOME}/{name}", None, AUTH)[0] == 200,
        put,
    )
for name in ("a%2Fb", "..%2f..%2fetc", "%00"):
    check(
        f"the name {name} is refused",
        request("PUT", f"/api/v1/files{HOME}/{name}", b"x", AUTH)[0] == 400,
    )

TUS = AUTH | {"Tus-Resumable": "1.0.0"}
CHUNK = "application/offset+octet-stream"
metadata = "path " + base64.b64encode(f"{HOME}/tus.bin".encode()).decode()
status, headers, body = request(
    "POST",
    "/api/v1/uploads",
    None,
    TUS | {"Upload-Length": str(8 * MIB), "Upload-Metadata": metadata},
)
location = urljoin(f"https://{HOST}/api/v1/uploads", headers.get("location", ""))
check(
    "tus: the Location leads back through the proxy",
    status == 201 and urlsplit(location).netloc == HOST,
    (status, location),
)
path = urlsplit(location).path
with connect() as connection:
    fields = [
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        f"Content-Type: {CHUNK}",
        f"Content-Length: {8 * MIB}",
    ]
    connection.sendall(head("PATCH", path, *fields, token=token) + content[: 3 * MIB])
    time.sleep(0.5)
offset = 0
for _ in range(50):
    status, headers, _ = request("HEAD", path, None, TUS)
    offset = int(headers.get("upload-offset", 0))
    if status == 200 and offset > 0:
        break
    time.sleep(0.1)
check("tus: what a broken request brought is kept", offset == 3 * MIB, (status, offset))
while offset < 8 * MIB:
    status, headers, _ = request(
        "PATCH",
        path,
        content[offset : offset + MIB],
        TUS | {"Upload-Offset": str(offset), "Content-Type": CHUNK},
    )
    if status != 204:
        break
    offset = int(headers["upload-offset"])
check(
    "tus: goes on to the end",
    request("GET", f"/api/v1/files{HOME}/tus.bin", None, AUTH)[2] == content[: 8 * MIB],
    status,
)

status, headers, body = request("GET", f"/api/v1/files{HOME}/sized.bin", None, AUTH)
etag = headers.get("etag", "")
check("a download of 64 MiB", status == 200 and body == content)
status, headers, body = request(
    "GET",
    f"/api/v1/files{HOME}/sized.bin",
    None,
    AUTH | {"Range": "bytes=1000-1999", "Accept-Encoding": "gzip"},
)
check(
    "a range",
    status == 206
    and body == content[1000:2000]
    and headers["content-range"] == f"bytes 1000-1999/{len(content)}",
    (status, headers),
)
status = request("GET", f"/api/v1/files{HOME}/sized.bin", None, AUTH | {"If-None-Match": etag})[0]
check("its tag stays strong", etag == f'"{digest}"' and status == 304, (etag, status))
with connect() as connection:
    connection.sendall(head("GET", f"/api/v1/files{HOME}/sized.bin", token=token))
    connection.recv(4096)
    time.sleep(0.3)
for _ in range(100):
    event = newest("download")
    if not event["success"]:
        break
    time.sleep(0.1)
check(
    "a download that its reader breaks off is recorded as that",
    event["error_message"] == "client_disconnected",
    event,
)


def follow(*fields):
    connection = connect(100)
    connection.sendall(head("GET", "/api/v1/audit/stream", *fields, token=token))
    return connection, answer(connection)


def make_directory(name):
    request("POST", f"/api/v1/dirs{HOME}/{name}", None, AUTH)


def ids(stream, count, patience=10):
    found, begin = [], time.time()
    while len(found) < count and time.time() - begin < patience:
        line = stream.readline()
        if line.startswith(b"id:"):
            found.append(int(line[3:]))
    return found


connection, stream = follow()
time.sleep(0.3)
begin = time.time()
make_directory("one")
seen = ids(stream, 1)
check(
    "an event is streamed at once", len(seen) == 1 and time.time() - begin < 2, time.time() - begin
)
connection.close()
make_directory("two")
make_directory("three")
connection, stream = follow(f"Last-Event-ID: {seen[-1]}")
check("a stream goes on after Last-Event-ID", ids(stream, 2) == [seen[-1] + 1, seen[-1] + 2])
connection.close()
if "quiet" in sys.argv:
    connection, stream = follow()
    begin, signs = time.time(), 0
    while time.time() - begin < 80 and (line := stream.readline()):
        signs += b"still here" in line
    check(
        "a stream without news stays open",
        time.time() - begin >= 80 and signs >= 4,
        (time.time() - begin, signs),
    )
    connection.close()

plain = http.client.HTTPConnection(ADDRESS, HTTP)
plain.request("GET", "/some/page?x=1", None, {"Host": NAME})
response = plain.getresponse()
target = response.getheader("location") or ""
check(
    "http is sent to https",
    response.status == 308
    and target.startswith(f"https://{NAME}")
    and target.endswith("/some/page?x=1"),
    (response.status, target),
)
sys.exit(failures > 0)
