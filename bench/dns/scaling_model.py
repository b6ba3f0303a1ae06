# A simulation of workers that share the answer cache's stripes, event by event: a worker thinks for as long as a query takes
# it without the cache (half to one and a half times the mean), then, if the query is one that probes, takes the lock of a
# stripe for each probe. Names are asked alike, as by the load that it is held to, or by Zipf's law, by which stripes of popular
# names are met at. A stripe that another worker had last is not in this worker's processor
# cache and costs a transfer, waited for or not: on machines with more sockets than one that is the larger cost.
# Beyond these, workers share nothing that is written for each query.
import collections
import heapq
import random

stripes = 128  # of a cache of 1 GiB
hold_ns = 60  # a probe under the lock: a copy of some 100 octets (bench/cache_bench.cpp: a hit takes 30 ns with the hash)
transfer_ns = {2: 60, 16: 80, 64: 140}  # of a line from another core: same L3; other parts of the socket; other sockets
probes = 2  # of an AAAA question: the denial of AAAA, and A
names = 10000
probing_share = 0.06  # of queries that no packet answers: 10,000 names, each once a second, at some 170,000 queries a second

Found = collections.namedtuple("Found", "speed_up waits_per_million")


class Model:
    def __init__(self, query_us, probing_share, skew, seed=6147):
        self.query_ns, self.probing_share, self.seed = query_us * 1000, probing_share, seed
        weights = [1 / (rank + 1) ** skew for rank in range(names)]
        draw = random.Random(seed)
        self._stripe_weights = [0.0] * stripes
        for weight in weights:
            self._stripe_weights[draw.randrange(stripes)] += weight

    def run(self, workers, queries_each=5000):
        """Answers of so many workers by those of one that has all for itself, per second of CPU; and waits."""
        draw = random.Random(self.seed + workers)
        transfer = transfer_ns[workers]
        free_at, last = [0.0] * stripes, [None] * stripes
        ready = [(draw.random() * self.query_ns, number, 0) for number in range(workers)]
        heapq.heapify(ready)
        waits = spent = done = 0
        while done < workers * queries_each:
            now, number, left = heapq.heappop(ready)
            if left == 0:  # a query begins
                done += 1
                left = probes if draw.random() < self.probing_share else -1
                think = self.query_ns * draw.uniform(0.5, 1.5) - (probes * hold_ns if left > 0 else 0)
                spent += think
                heapq.heappush(ready, (now + think, number, left))
                continue
            if left < 0:
                heapq.heappush(ready, (now, number, 0))
                continue
            stripe = draw.choices(range(stripes), self._stripe_weights)[0]
            begin = max(now, free_at[stripe])
            waits += begin > now
            hold = hold_ns + (transfer if last[stripe] not in (None, number) else 0)
            free_at[stripe], last[stripe] = begin + hold, number
            spent += begin + hold - now  # a wait is a system call or a spin: CPU either way
            heapq.heappush(ready, (begin + hold, number, left - 1))
        return Found(workers * self.query_ns * done / spent, waits * 1e6 / done)
