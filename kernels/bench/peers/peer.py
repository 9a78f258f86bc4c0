"""What the PyTorch peers of the CPU benchmark share: the machine set up before torch is loaded, and the conversation.

`serve` speaks lines of JSON on stdin and stdout: {"what": name, "n": repetitions} -> {"ms": [one time per repetition], "cpu": [processor time of all
threads], "loss": what the work returned last}.
"""
import ctypes
import json
import os
import sys
import time

THREADS = os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OPENBLAS_NUM_THREADS", THREADS)
try:  # glibc: large blocks from the heap, never trimmed, so tensors do not page-fault on every step
    libc = ctypes.CDLL("libc.so.6")
    for option, value in ((-3, 1 << 30), (-1, 1 << 30), (-4, 0)):
        libc.mallopt(option, value)
except OSError:
    pass
import torch

torch.set_num_threads(int(THREADS))
torch.set_flush_denormal(True)


def resident(field):
    """Megabytes of this process: VmRSS now, VmHWM at most so far; None where there is no /proc."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(field))
    except (OSError, StopIteration):
        return None


def serve(work, parameters=0):
    """work: name -> function without arguments. Ends with stdin. "peak" is how far memory grew since the start: of the first work alone."""
    before = resident("VmRSS")
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "parameters": parameters}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        times, cpu, last = [], [], None
        for _ in range(request["n"]):
            start, used = time.perf_counter(), time.process_time()
            last = work[request["what"]]()
            times.append((time.perf_counter() - start) * 1e3)
            cpu.append((time.process_time() - used) * 1e3)
        peak = None if before is None else resident("VmHWM") - before
        print(json.dumps({"ms": times, "cpu": cpu, "peak": peak, "loss": last if isinstance(last, float) else None}), flush=True)
