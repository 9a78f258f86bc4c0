"""peers.py FILE: pandas on the same CSV, whole where it fits in memory, else in pieces of a million rows. One line of JSON."""
import json
import os
import resource
import sys
import time

import numpy
import pandas

path = sys.argv[1]
size = os.path.getsize(path)
kinds = {name: numpy.float32 for name in ("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")}
whole = size < 1e9
began = time.perf_counter()
rows = 0
pieces = [pandas.read_csv(path, dtype=kinds)] if whole else pandas.read_csv(path, dtype=kinds, chunksize=1_000_000)
for piece in pieces:
    # the times as numbers, as Strand keeps them
    pandas.to_datetime(piece["date"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    rows += len(piece)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({"pandas": pandas.__version__, "whole": whole, "rows": rows, "seconds": seconds, "MBs": size / 1e6 / seconds, "peakMB": peak}))
