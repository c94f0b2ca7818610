"""The steps of the check."""

import json
import os
import subprocess
import sys
import threading

from processes import last

# Whether single operations are right comes first: nothing else means anything where they are not, and it takes seconds. What a machine
# is called comes last of what is quick: PyTorch alone takes long to start.
QUICK = ["micro", "nano-parity-f16", "tiny-1", "torch-tiny-eager-bf16", "tiny-stages-1", "tiny-1-f32", "machine", "torch-tiny-eager-tf32"]
FULL = ["machine", "micro", "nano-parity", "nano-parity-f16", "tiny-1", "torch-tiny-eager-bf16", "tiny-8", "torch-tiny-compiled-bf16",
        "tiny-1-f32", "torch-tiny-eager-f32", "torch-tiny-eager-tf32", "tiny-stages-1", "base-plus-1", "base-plus-8",
        "torch-base-plus-eager-bf16", "torch-base-plus-compiled-bf16", "tiny-8-f32", "tiny-stages-8"]
VARIANTS = ("eager-f32", "eager-tf32", "eager-bf16", "compiled-bf16")
# Frames that parity is computed on; the bank is full from the eighth on.
COMPARED = 10


class Steps:
    def __init__(self, runner, here, work, binary, device, small, quick=False):
        self.runner, self.here, self.work, self.binary, self.device = runner, here, work, binary, device
        self.small, self.quick = small, quick
        self.frames = 20 if small else 48
        self.python = [sys.executable, "-B", "-W", "ignore"]
        self.ready = {name: threading.Event() for name in ("nano", "tiny", "base-plus", "nano-reference", "tiny-reference")}
        # A quick look times things while the reference is at work, and leaves it half of the processors.
        self.spare = max((os.cpu_count() or 1) // (2 if quick else 1), 1)
        # Runs that the reference has an answer for.
        self.compared = []
        for objects in (1, 2, 8):
            self._write_prompts(objects)
        self.preparing = threading.Thread(target=self._prepare, daemon=True)
        self.preparing.start()

    @staticmethod
    def names():
        models = ("tiny", "base-plus")
        names = ["machine", "nano-parity", "nano-parity-f16", "micro"]
        names += [f"{model}-{what}" for model in models for what in ("1", "8", "1-f32", "8-f32", "stages-1", "stages-8")]
        return names + [f"torch-{model}-{variant}" for model in models for variant in VARIANTS]

    def _write_prompts(self, objects):
        said = json.loads((self.here / "prompts.json").read_text())
        ids = list(dict.fromkeys(entry["object"] for entry in said))[:objects]
        kept = [entry for entry in said if entry["object"] in ids]
        for entry in kept:
            if "mask" in entry:
                entry["mask"] = str(self.here / entry["mask"])
        self.prompts(objects).write_text(json.dumps(kept))

    def prompts(self, objects):
        return self.work / f"prompts-{objects}.json"

    def checkpoint(self, model):
        if model == "nano" or self.small:
            return self.work / "nano.safetensors"
        return self.work / f"{model}.pt"

    def reference(self, model):
        return self.work / f"{model}-reference.safetensors"

    def _prepare(self):
        """Checkpoints, and the reference's answers computed on the CPU, beside what the first steps compile."""
        subprocess.run([self.binary, "builtin", self.checkpoint("nano")], check=True, env=self.runner.env, stdout=subprocess.DEVNULL)
        self.ready["nano"].set()
        if self.quick:
            # The first numbers wait for these two alone.
            self._prepare_checkpoint("tiny")
            self._prepare_reference("nano", 2)
            self._prepare_reference("tiny", 1)
            return
        self._prepare_reference("nano", 2)
        self._prepare_checkpoint("tiny")
        self._prepare_reference("tiny", 1)
        self._prepare_checkpoint("base-plus")

    def _prepare_checkpoint(self, model):
        if self.small:
            self.ready[model].set()
        else:
            command = [*self.python, self.here / "python/reference.py", "random", f"sam2.1-{model}", self.checkpoint(model)]
            self._prepare_one(model, command)

    def _prepare_reference(self, model, objects):
        self._prepare_one(f"{model}-reference", self._reference_command(model, objects))

    def _reference_command(self, model, objects):
        return [*self.python, self.here / "python/reference.py", "track", "--checkpoint", self.checkpoint(model),
                "--input", self.here / "frames", "--prompts", self.prompts(objects), "--stop", str(COMPARED),
                "--out", self.reference(model), "--threads", str(self.spare)]

    def _prepare_one(self, name, command):
        result = self.runner.run(f"prepare-{name}", command, 150, aside=True)
        if result["outcome"] == "done":
            self.ready[name].set()

    def _wait_for(self, model):
        """Whether the checkpoint is there, or comes within reasonable time. Only nano, of which no time is taken, starts before all else
        that is being prepared is done: it would take processors from what is timed. A quick look does not wait for that."""
        patience = min(100, max(self.runner.left() - 5, 0))
        if model != "nano" and not self.quick:
            self.preparing.join(patience)
        return self.ready[model].wait(patience if self.preparing.is_alive() else 0)

    def run(self, name):
        """One step, whatever comes of it."""
        if self.runner.left() < 15:
            self.runner.results["steps"].setdefault(name, {"outcome": "no time left"})
            return
        self._run(name)
        self._compare_what_is_ready()

    def _run(self, name):
        if name == "machine":
            self._machine()
        elif name.startswith("nano-parity"):
            self._track(name, "nano", 2, self._limit(60))
        elif name == "micro":
            # Whatever it compiles until it is stopped is kept: the next step goes on from there.
            self.runner.run(name, [self.binary, "micro", "--device", self.device, *self._shrink()], self._limit(90))
        elif name.startswith("torch-"):
            model, variant = next((m, name[len(f"torch-{m}-"):]) for m in ("tiny", "base-plus") if name.startswith(f"torch-{m}-"))
            self._torch(name, model, variant)
        elif "-stages-" in name:
            model, objects = name.split("-stages-")
            self._wait_for(model)
            self.runner.run(name, [self.binary, "stages", "--checkpoint", self.checkpoint(model), "--device", self.device,
                                   "--precision", self._precision(name), "--objects", objects,
                                   "--rounds", "3" if self.small else "10"], self._limit(60))
        else:
            model, _, objects = name.removesuffix("-f32").rpartition("-")
            self._track(name, model, int(objects), self._limit(100))

    def _limit(self, seconds):
        """A step that is stuck must not have the time of all the others: a quick look gives each half as long. A processor is slow without
        being stuck."""
        if self.device == "cpu":
            return seconds * 4
        return seconds * 0.5 if self.quick else seconds

    def _precision(self, name):
        """What a step's name says: parity is looked at in f32, speed in f16, unless it says otherwise. Processors know f32 only."""
        if self.device == "cpu" or name.endswith("-f32") or name == "nano-parity":
            return "f32"
        return "f16"

    def _shrink(self):
        return ["--shrink", "16", "--rounds", "2"] if self.small else []

    def _machine(self):
        query = "import json,torch,platform;print(json.dumps({'event':'torch','torch':torch.__version__,'cuda':torch.version.cuda," \
                "'cudnn':torch.backends.cudnn.version(),'device':torch.cuda.get_device_name() if torch.cuda.is_available() else None," \
                "'python':platform.python_version()}))"
        script = f"nvidia-smi; nvcc --version; lscpu | grep -E 'Model name|^CPU\\(s\\)'; {sys.executable} -c \"{query}\"; " \
                 "env | grep -E 'CUDA|LD_LIB|XDG'"
        self.runner.run("machine", ["bash", "-c", script], 60)
        self.runner.run("devices", [self.binary, "devices"], 20)

    def _track(self, name, model, objects, limit):
        """Ours: speed, and parity where the reference has an answer."""
        if not self._wait_for(model):
            self.runner.results["steps"][name] = {"outcome": f"{model} was not made"}
            return
        logits, lines = self.work / f"{name}.safetensors", self.work / f"{name}.ndjson"
        command = [self.binary, "track", "--checkpoint", self.checkpoint(model), "--device", self.device,
                   "--input", self.here / "frames", "--prompts", self.prompts(objects), "--frames", str(self.frames),
                   "--precision", self._precision(name), "--logits", logits, "--ndjson", lines]
        result = self.runner.run(name, command, limit)
        if any("device failed" in str(event) or "panic" == event.get("event") for event in result["events"]) and result["outcome"].startswith("failed"):
            result = self.runner.run(f"{name}-tolerant", [*command, "--tolerate"], limit)
        same = {"nano-parity": "nano", "nano-parity-f16": "nano", "tiny-1": "tiny", "tiny-1-f32": "tiny"}
        reference = f"{same[name]}-reference" if name in same else None
        if reference and result["outcome"] == "done":
            self.compared.append((name, reference, logits, lines))

    def _torch(self, name, model, variant):
        if not self._wait_for(model):
            self.runner.results["steps"][name] = {"outcome": f"{model} was not made"}
            return
        device = "cuda" if self.device.startswith("cuda") else "cpu"
        command = [*self.python, self.here / "python/speed.py", "--checkpoint", self.checkpoint(model), "--input", self.here / "frames",
                   "--prompts", self.prompts(1), "--prompts", self.prompts(8), "--variant", variant, "--device", device,
                   "--frames", str(self.frames)]
        self.runner.run(name, command, 220 if variant.startswith("compiled") else 90)

    def finish(self):
        """The comparisons that are still to be made: they need the reference's answers, and no device."""
        for run in self.compared:
            if self.ready[run[1]].wait(max(self.runner.left() - 5, 0)):
                self._compare(*run)
        self.compared = []

    def _compare_what_is_ready(self):
        for run in [run for run in self.compared if self.ready[run[1]].is_set()]:
            self.compared.remove(run)
            self._compare(*run)

    def _compare(self, name, reference, logits, lines):
        command = [*self.python, self.here / "compare.py", self.reference(reference.removesuffix("-reference")), logits, lines]
        parity = last(self.runner.run(f"{name}-compare", command, 60, aside=True), "parity")
        if parity:
            self.runner.results["steps"][name]["parity"] = parity
