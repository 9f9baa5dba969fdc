"""Failed logins of names with and without an account, by turns, and Welch's t of their times.

Usage: login_names.py PORT ROUNDS KNOWN-NAME...

Exit 1 if |t| exceeds 4.5, the bound of the tests for leaks of time (one in 100,000 without a leak).
"""
import http.client
import json
import math
import random
import statistics
import sys
import time

port, rounds, known = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
bound = 4.5
connection = http.client.HTTPConnection("127.0.0.1", port)


def attempt(name, number):
    # An address of its own, so that none is throttled.
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    body = json.dumps({"username": name, "password": "wrong"})
    begun = time.perf_counter()
    connection.request(
        "POST",
        "/api/v1/auth/login",
        body,
        {"Content-Type": "application/json", "X-Forwarded-For": address},
    )
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter() - begun
    if answer.status != 401:
        sys.exit(f"{answer.status} for {name}")
    return took


times = {True: [], False: []}
for number in range(2 * rounds):
    has_account = random.random() < 0.5
    name = random.choice(known) if has_account else f"nobody-{random.randrange(10 ** 6)}"
    times[has_account].append(attempt(name, number))

kept = {}
for has_account, samples in times.items():
    limit = sorted(samples)[
        int(0.9 * len(samples))
    ]  # what the machine did beside is not what is measured
    kept[has_account] = [sample for sample in samples if sample <= limit]
a, b = kept[True], kept[False]
error = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
t = (statistics.mean(a) - statistics.mean(b)) / error
print(
    f"  with an account {1000 * statistics.mean(a):.3f} ms, without"
    f" {1000 * statistics.mean(b):.3f} ms, t = {t:.2f} (at most {bound})"
)
sys.exit(abs(t) > bound)
