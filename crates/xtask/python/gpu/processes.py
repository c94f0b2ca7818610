"""Runs programs with time limits, reads the JSON lines they print, and watches the device's memory meanwhile."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from memory import Memory

# Seconds at the end for comparing what there is.
RESERVE = 8


def environment(work, site, scripts):
    """Caches in one place, the toolkit and the reference's packages in reach."""
    env = dict(os.environ)
    caches = work / "caches"
    env.update(
        XDG_CACHE_HOME=str(caches), CUDA_CACHE_PATH=str(caches / "driver"), CUDA_CACHE_MAXSIZE=str(1 << 32),
        TORCHINDUCTOR_CACHE_DIR=str(caches / "inductor"), TRITON_CACHE_DIR=str(caches / "triton"),
        RUST_BACKTRACE="1", PYTHONUNBUFFERED="1", PYTHONDONTWRITEBYTECODE="1", TQDM_DISABLE="1",
    )
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(scripts), env.get("PYTHONPATH"), str(site)]))
    if "CUDA_PATH" not in env and (toolkit() / "include/cuda_fp16.h").exists():
        env["CUDA_PATH"] = str(toolkit())
    return env


def toolkit():
    """Where the CUDA toolkit is."""
    return Path(os.path.realpath(shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc")).parent.parent


def libraries():
    """Folders where NVRTC and the driver may be, PyTorch's own packages last. Only for programs that are not PyTorch, which finds its
    libraries by itself and would be given others."""
    folders = [toolkit() / "lib64", Path("/usr/local/cuda/lib64"), Path("/usr/local/nvidia/lib64"), Path("/usr/local/nvidia/lib")]
    for entry in sys.path:
        folders += sorted(Path(entry).glob("nvidia/*/lib")) if entry else []
    found = [str(folder) for folder in dict.fromkeys(folders) if folder.exists()]
    return os.pathsep.join(filter(None, [os.environ.get("LD_LIBRARY_PATH"), *found]))


class Runner:
    """Steps one after the other, each with its own limit and none past the end of all."""

    def __init__(self, out, deadline, env, results):
        self.logs, self.deadline, self.env, self.results = out / "logs", deadline, env, results
        self.logs.mkdir(exist_ok=True)
        self.memory, self.running = Memory(), {}
        self.lock = threading.Lock()

    def left(self):
        return self.deadline - time.monotonic()

    def run(self, name, command, limit, aside=False):
        """Runs to its end or to a limit; what it said goes to the results, all of it to `logs/NAME.log`. What runs
        `aside` of another step is not asked how much of the device it takes, for that cannot be told apart.
        """
        limit = min(limit, self.left() - (0 if aside else RESERVE))
        result = {"command": " ".join(map(str, command)), "events": []}
        self.results["steps"][name] = result
        if limit < 2:
            result["outcome"] = "no time left"
            return result
        idle = None if aside else self._idle_memory()
        started = time.monotonic()
        self._run(name, command, limit, result, idle)
        result["seconds"] = round(time.monotonic() - started, 2)
        if idle is not None and self.memory.peak is not None:
            result["device_MiB"] = self.memory.peak - idle
        print(f"[{time.strftime('%H:%M:%S')}] {name}: {result['outcome']}, {result['seconds']} s", flush=True)
        if result["outcome"] != "done":
            self._show_end(name)
        return result

    def _idle_memory(self):
        if self.memory.now is not None:
            # The step before this one has ended, and the driver has to be asked once more to know.
            time.sleep(0.3)
        return self.memory.restart()

    def _run(self, name, command, limit, result, idle):
        env = dict(self.env)
        if Path(command[0]).name == "maskd-gpu-check":
            env["LD_LIBRARY_PATH"] = libraries()
        with open(self.logs / f"{name}.log", "w") as log:
            process = subprocess.Popen(
                list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                env=env, start_new_session=True)
            with self.lock:
                self.running[name] = process
            reader = threading.Thread(target=self._read, args=(process, log, result, idle), daemon=True)
            reader.start()
            try:
                process.wait(limit)
                result["outcome"] = "done" if process.returncode == 0 else f"failed with {process.returncode}"
            except subprocess.TimeoutExpired:
                result["outcome"] = f"stopped after {limit:.0f} s"
                self._end(process)
            reader.join(5)
            with self.lock:
                self.running.pop(name, None)

    def _read(self, process, log, result, idle):
        for line in process.stdout:
            try:
                log.write(line)
                log.flush()
            except ValueError:
                return
            if line.startswith("{"):
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                # What the step has taken of the device so far, to see whether that grows from frame to frame.
                if idle is not None and self.memory.now is not None:
                    event["device_MiB"] = self.memory.now - idle
                result["events"].append(event)
                if event.get("event") in ("panic", "error"):
                    print("   ", line.strip()[:1500], flush=True)

    def _show_end(self, name):
        text = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        for line in text[-12:]:
            print("   ", line[:400], flush=True)

    @staticmethod
    def _end(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end_all(self):
        with self.lock:
            for process in self.running.values():
                self._end(process)


def events(result, name):
    """All events of that name."""
    return [event for event in (result or {}).get("events", []) if event.get("event") == name]


def last(result, name):
    found = events(result, name)
    return found[-1] if found else None
