"""Refused openings of shares by turns, and Welch's t of their times against those of unknown ids.

Usage: share_guesses.py PORT ROUNDS KIND=ID=SECRET...

The secret is sent where the kind is `password`, with a wrong password; else a wrong one is. Exit 1
if |t| exceeds 4.5, the bound of the tests for leaks of time (one in 100,000 without a leak).
"""
import http.client
import json
import math
import random
import secrets
import statistics
import sys
import time

port, rounds = int(sys.argv[1]), int(sys.argv[2])
bound = 4.5
shares = {"unknown": []}
for argument in sys.argv[3:]:
    kind, share, secret = argument.split("=")
    shares.setdefault(kind, []).append((share, secret))
connection = http.client.HTTPConnection("127.0.0.1", port)


def attempt(kind, number):
    share, secret = random.choice(shares[kind]) if shares[kind] else (secrets.token_hex(16), "")
    if kind != "password":
        secret = secrets.token_urlsafe(16)
    # An address of its own, so that none is throttled.
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    body = json.dumps({"secret": secret, "password": "another pass phrase"})
    begun = time.perf_counter()
    connection.request(
        "POST",
        f"/api/v1/shares/{share}/open",
        body,
        {"Content-Type": "application/json", "X-Forwarded-For": address},
    )
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - begun
    if answer.status != (401 if kind == "password" else 404):
        sys.exit(f"{answer.status} for {kind}")
    return took


times = {kind: [] for kind in shares}
for number in range(len(shares) * rounds):
    kind = random.choice(list(shares))
    times[kind].append(attempt(kind, number))

kept = {}
for kind, samples in times.items():
    limit = sorted(samples)[int(0.9 * len(samples))]  # what the machine did beside is left out
    kept[kind] = [sample for sample in samples if sample <= limit]
a = kept.pop("unknown")
print(f"  unknown {1000 * statistics.mean(a):.3f} ms")
worst = 0
for kind, b in kept.items():
    error = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
    t = (statistics.mean(b) - statistics.mean(a)) / error
    print(f"  {kind} {1000 * statistics.mean(b):.3f} ms, t = {t:.2f} (at most {bound})")
    worst = max(worst, abs(t))
sys.exit(worst > bound)
