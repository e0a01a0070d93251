"""The computation of `level.rs` as numpy would do it: shares of maxima times points, rounded, ranked; 1,000 redraws.

It is given the shares ready-made, so it is spared what the engine does first: reading rules and branching on figures.
"""

import json
import time

import numpy

UNITS, INDICATORS, PILLARS, DRAWS = 3_321, 79, 8, 1_000


def ranks(results):
    order = numpy.argsort(-results, kind="stable")
    ordered = results[order]
    first = numpy.concatenate(([True], ordered[1:] != ordered[:-1]))
    places = numpy.maximum.accumulate(numpy.where(first, numpy.arange(len(results)) + 1, 0))
    out = numpy.empty(len(results), dtype=numpy.int64)
    out[order] = places
    return out


def score_and_rank(part, whole, points, pillars):
    scored = numpy.floor(part / whole * points * 100 + 0.5) / 100
    by_pillar = numpy.stack([scored[:, pillars == pillar].sum(axis=1) for pillar in range(PILLARS)], axis=1)
    total = by_pillar.sum(axis=1)
    return ranks(total), [ranks(by_pillar[:, pillar]) for pillar in range(PILLARS)]


def draws(share, points, random):
    held = numpy.empty((DRAWS, UNITS), dtype=numpy.int64)
    for draw in range(DRAWS):
        weights = points * random.uniform(0.75, 1.25, INDICATORS)
        held[draw] = ranks(share @ weights / weights.sum())
    return numpy.quantile(held, [0.05, 0.95], axis=0, method="nearest")


def timed(work, runs):
    spans = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        spans.append(time.perf_counter() - start)
    return sorted(spans)[len(spans) // 2]


def main():
    random = numpy.random.default_rng(2023)
    whole = random.integers(1_000, 10_000, (UNITS, INDICATORS)).astype(numpy.float64)
    part = numpy.floor(whole * random.uniform(0, 1, (UNITS, INDICATORS)))
    points = random.integers(2, 11, INDICATORS).astype(numpy.float64)
    pillars = numpy.sort(random.integers(0, PILLARS, INDICATORS))
    share = part / whole
    print(json.dumps({
        "score and rank, one thread": timed(lambda: score_and_rank(part, whole, points, pillars), 20),
        "1,000 draws, two threads": timed(lambda: draws(share, points, random), 3),
    }))


main()
