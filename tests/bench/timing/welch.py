"""Times of kinds of requests that are to look alike, and Welch's t against those of one of them."""
import http.client
import math
import random
import statistics
import sys
import time

BOUND = 4.5  # of the tests for leaks of time: one in 100,000 without a leak


class Client:
    """One connection; each request comes from an address of its own, so that none is throttled."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port)
        self.number = 0

    def time(self, method, target, headers, wanted, body=None):
        """Seconds until the answer is here, which must have the status `wanted`."""
        self.number += 1
        n = self.number
        address = f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        begun = time.perf_counter()
        self.connection.request(method, target, body, {"X-Forwarded-For": address, **headers})
        answer = self.connection.getresponse()
        answer.read()
        took = time.perf_counter() - begun
        if answer.status != wanted:
            sys.exit(f"{answer.status} for {method} {target}")
        return took


def compare(kinds, rounds, attempt):
    """Attempts all kinds by turns and prints the t of each against the first. False beyond BOUND.

    `attempt` makes one request of a kind and returns its time.
    """
    times = {kind: [] for kind in kinds}
    for _ in range(len(times) * rounds):
        kind = random.choice(kinds)
        times[kind].append(attempt(kind))
    kept = []
    for samples in times.values():
        limit = sorted(samples)[int(0.9 * len(samples))]  # what the machine did beside is left out
        kept.append([sample for sample in samples if sample <= limit])
    first = kept[0]
    print(f"  {kinds[0]} {1000 * statistics.mean(first):.3f} ms")
    worst = 0
    for kind, other in zip(kinds[1:], kept[1:]):
        error = math.sqrt(sum(statistics.variance(a) / len(a) for a in (first, other)))
        t = (statistics.mean(other) - statistics.mean(first)) / error
        print(f"  {kind} {1000 * statistics.mean(other):.3f} ms, t = {t:.2f} (at most {BOUND})")
        worst = max(worst, abs(t))
    return worst <= BOUND
