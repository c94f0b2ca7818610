"""`cargo xtask gpu-check` on the machine with the GPU: needs Python 3 with PyTorch, torchvision, NumPy, Pillow and safetensors, the
CUDA toolkit's NVRTC and headers, and what lies beside this file.

    python3 run.py --out DIR [--limit SECONDS] [--quick] [--only STEP ...] [--device cuda]

Everything that is measured is written to DIR as it comes; the table at the end is printed whatever went wrong.
"""

import argparse
import json
import lzma
import os
import shutil
import sys
import tarfile
import threading
import time
import traceback
import zipfile
from pathlib import Path

from plan import FULL, QUICK, Steps
from processes import Runner, environment
from table import render, wrong

HERE = Path(__file__).resolve().parent
# Several, because what is too large to travel should not keep the rest behind.
ARCHIVES = {"caches": ("maskd",), "caches-driver": ("driver",), "caches-torch": ("inductor", "triton")}


def unpack(work):
    """The binary and the wheels, where they can be used."""
    binary = work / "maskd-gpu-check"
    packed = HERE / "maskd-gpu-check.xz"
    if packed.exists():
        with lzma.open(packed) as source, open(binary, "wb") as target:
            shutil.copyfileobj(source, target)
    else:
        shutil.copy(HERE / "maskd-gpu-check", binary)
    binary.chmod(0o755)
    site = work / "site"
    for wheel in sorted((HERE / "wheels").glob("*.whl")):
        # All of them are pure Python: to unpack is to install.
        zipfile.ZipFile(wheel).extractall(site)
    return binary, site


def bring_caches(work, out):
    """What an earlier run left, so that nothing is compiled twice."""
    for name in ARCHIVES:
        for folder in (HERE, out):
            archive = folder / f"{name}.tar.gz"
            if archive.exists():
                with tarfile.open(archive) as file:
                    file.extractall(work, filter="data")
                break


def keep_caches(work, out, limit):
    """Packs the caches for the next run, unless that takes too long."""
    worker = threading.Thread(target=_pack, args=(work, out), daemon=True)
    worker.start()
    worker.join(max(limit, 1.0))
    return not worker.is_alive()


def _pack(work, out):
    for name, folders in ARCHIVES.items():
        partial = out / f"{name}.tar.gz.partial"
        with tarfile.open(partial, "w:gz", compresslevel=3) as file:
            for folder in folders:
                if (work / "caches" / folder).exists():
                    file.add(work / "caches" / folder, f"caches/{folder}")
        partial.rename(out / f"{name}.tar.gz")


def pack_logs(out):
    """One file instead of many: where results have to travel, they may be counted."""
    with tarfile.open(out / "logs.tar.gz", "w:gz", compresslevel=3) as file:
        file.add(out / "logs", "logs")
    shutil.rmtree(out / "logs")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(os.environ.get("OUT", "gpu-check-out")))
    parser.add_argument("--work", type=Path, default=Path("/tmp/maskd-gpu-check"))
    parser.add_argument("--limit", type=float, default=530, help="seconds after which the table is printed, come what may")
    parser.add_argument("--device", default="cuda", help="where maskd computes; PyTorch on cuda, or on the CPU for cpu")
    parser.add_argument("--quick", action="store_true", help="a first look, with numbers within 100 seconds: operations, one small parity, one speed, stages")
    parser.add_argument("--only", nargs="+", metavar="STEP", help=f"these steps, in this order: {', '.join(Steps.names())}")
    parser.add_argument("--small", action="store_true", help="nano in place of tiny and base+, and few frames: to try the program itself")
    args = parser.parse_args()
    started = time.monotonic()
    out, work = args.out.resolve(), args.work.resolve()
    out.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    results = {"steps": {}, "arguments": sys.argv[1:], "device": args.device}
    runner = None
    try:
        bring_caches(work, out)
        binary, site = unpack(work)
        runner = Runner(out, started + args.limit, environment(work, site, HERE / "python"), results)
        steps = Steps(runner, HERE, work, binary, args.device, args.small, args.quick)
        for name in args.only or (QUICK if args.quick else FULL):
            steps.run(name)
        steps.finish()
    except BaseException:
        results["failed"] = traceback.format_exc()
        print(results["failed"], flush=True)
    finally:
        if runner:
            runner.end_all()
        (out / "results.json").write_text(json.dumps(results, indent=1, default=str))
        text = render(results)
        (out / "table.md").write_text(text)
        print(text, flush=True)
        pack_logs(out)
        left = started + args.limit + 15 - time.monotonic()
        print(f"caches kept: {keep_caches(work, out, min(left, 25))}; {time.monotonic() - started:.0f} s in all", flush=True)
        # Not even a thread that still packs is waited for.
        sys.stdout.flush()
        os._exit(1 if wrong(results) or results.get("failed") else 0)


if __name__ == "__main__":
    main()
