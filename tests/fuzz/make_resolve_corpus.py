#!/usr/bin/python3
"""Writes the seeds of resolve_pipeline: corpus/resolve_pipeline. Each is a series of choices without a meaning of its own;
what they have in common is that they lead far. The seeds are kept in the tree; a find of the fuzzer is added by hand."""
import pathlib
import random

folder = pathlib.Path(__file__).parent / "corpus" / "resolve_pipeline"
folder.mkdir(parents=True, exist_ok=True)
for seed in range(48):
    chance = random.Random(seed)
    length = 1 << chance.randrange(4, 12)
    (folder / f"chance_{seed:02}").write_bytes(chance.randbytes(length))
