#!/usr/bin/python3
"""Writes the seeds of dnssec_denial, dnssec_denial_cache and dnssec_answer. Each is a series of choices without a meaning of its own; what
they have in common is that they lead far. The seeds are kept in the tree; a find of the fuzzer is added by hand."""
import pathlib
import random

for target in ("dnssec_denial", "dnssec_denial_cache", "dnssec_answer"):
    folder = pathlib.Path(__file__).parent / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(64):
        chance = random.Random(f"{target} {seed}")
        (folder / f"chance_{seed:02}").write_bytes(chance.randbytes(1 << chance.randrange(5, 11)))
