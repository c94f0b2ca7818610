"""`cargo xtask gpu-check` on the machine with the GPU. It needs an NVIDIA driver, the CUDA toolkit's NVRTC and headers, Python 3.10 or later
with PyTorch, NumPy and Pillow, and what lies beside this file; no network.

    python3 run.py --out DIR [--limit SECONDS] [--again] [--quick] [--only STEP ...] [--device cuda]

Everything that is measured is written to DIR; the table at the end is printed whatever went wrong.
"""

import argparse
import json
import os
import sys
import time
import traceback
from pathlib import Path

from details import details
from plan import chosen, names
from processes import Runner, environment, last
from steps import Steps
from table import render
from unpack import bring_caches, keep_caches, missing_modules, pack_logs, unpack_program, unpack_wheels
from verdict import failed, missing, wrong

HERE = Path(__file__).resolve().parent
# What the machine is, for whoever reads the figures.
MACHINE = """nvidia-smi; nvcc --version; lscpu | grep -E 'Model name|^CPU\\(s\\)'; env | grep -E 'CUDA|LD_LIB'
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | sed -E 's/(.*), (.*)/{"event":"driver","name":"\\1","driver":"\\2"}/'"""


class Unusable(Exception):
    """The check cannot be made here, for a reason that a person can do something about."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "gpu-check-out")))
    parser.add_argument("--work", type=Path, default=Path("/tmp/maskd-gpu-check"))
    parser.add_argument("--limit", type=float, default=525, help="seconds after which the table is printed, come what may")
    parser.add_argument("--device", default="cuda", help="where maskd computes; PyTorch on cuda, or on the CPU for cpu")
    parser.add_argument("--again", action="store_true", help="keep what is done already in the same --work, and do the rest")
    parser.add_argument("--quick", action="store_true", help="a first look: small parity, one speed, operations, stages")
    parser.add_argument("--only", nargs="+", metavar="STEP", choices=names(), help=f"these steps, in this order: {', '.join(names())}")
    parser.add_argument("--small", action="store_true", help="small pictures and few frames: to try the check itself")
    return parser.parse_args()


def require(runner, program, device):
    """Stops where nothing can come of it."""
    lacking = missing_modules()
    if lacking:
        raise Unusable(f"{sys.executable} lacks {', '.join(lacking)}; start this with the Python that has PyTorch")
    found = runner.run("devices", [program, "devices", device], 30)
    answer = last(found, "device")
    if not answer or "missing" in answer:
        raise Unusable((answer or {}).get("missing") or f"the program does not start here: {found['outcome']}")


def check(args, runner, steps, queue):
    """All steps, those first that an earlier one makes worth knowing."""
    done = runner.results["steps"]
    queue = [name for name in queue if not (args.again and done.get(name, {}).get("outcome") == "done")]
    steps.start(queue)
    runner.run("machine", ["bash", "-c", MACHINE], 30, aside=True)
    while queue:
        name = queue.pop(0)
        steps.run(name)
        if name.startswith("nano") and failed(done, name) and "micro" in queue:
            # Which operation it is that is wrong matters more than how fast the others are.
            queue.remove("micro")
            queue.insert(0, "micro")
    steps.finish()


def earlier(work):
    """The steps of the last check in this place."""
    try:
        return json.loads((work / "results.json").read_text())["steps"]
    except (OSError, ValueError, KeyError):
        return {}


def conclude(args, results):
    """Writes everything down, and says the table."""
    text = render(results)
    for folder in (args.out, args.work):
        (folder / "results.json").write_text(json.dumps(results, indent=1, default=str))
    (args.out / "table.md").write_text(text)
    (args.out / "details.md").write_text(details(results))
    print(text, flush=True)
    if (args.out / "logs").exists():
        pack_logs(args.out)


def main():
    args = arguments()
    started = time.monotonic()
    for name in ("out", "work"):
        setattr(args, name, getattr(args, name).resolve())
        getattr(args, name).mkdir(parents=True, exist_ok=True)
    results = {"arguments": sys.argv[1:], "device": args.device, "small": args.small, "steps": earlier(args.work) if args.again else {}}
    runner = None
    try:
        bring_caches(HERE, args.work, args.out)
        program, site = unpack_program(HERE, args.work), unpack_wheels(HERE, args.work)
        runner = Runner(args.out, started + args.limit, environment(args.work, site, HERE / "python"), results)
        require(runner, program, args.device)
        steps = Steps(runner, HERE, args.work, program, args.device, args.small)
        check(args, runner, steps, list(args.only or chosen(args.device, args.quick)))
    except Unusable as reason:
        results["failed"] = f"error: {reason}"
    except BaseException:
        results["failed"] = traceback.format_exc()
        print(results["failed"], flush=True)
    if runner:
        runner.end_all()
    conclude(args, results)
    kept = keep_caches(args.work, args.out, min(started + args.limit + 15 - time.monotonic(), 25))
    print(f"caches kept: {kept}; {time.monotonic() - started:.0f} s in all; figures: {args.out}", flush=True)
    # Not even a thread that still packs is waited for.
    os._exit(1 if wrong(results["steps"]) or missing(results["steps"]) or results.get("failed") else 0)


if __name__ == "__main__":
    main()
