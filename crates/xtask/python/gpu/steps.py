"""How each step of the check is run."""

import json
import sys
import threading

from files import checkpoint_of, prompts_of, reference_of
from plan import COMINGS, COMPARED, REFERENCES, ours, torch_of
from processes import last

# Long enough to see whether memory grows from frame to frame, and as long as there is time for.
FRAMES = {"f16": {1: 400, 2: 48, 8: 80}, "f32": {1: 150, 2: 48, 8: 48}}
TORCH_FRAMES = {1: 400, 8: 60}
LONG = 20000
# A try of the check itself: the pictures of the bundle once, and two more.
FEW = 20
SMALL_SIDE = 128


class Steps:
    """Runs steps by name, whatever becomes of them."""

    def __init__(self, runner, bundle, work, program, device, small):
        self.runner, self.bundle, self.work, self.program, self.device = runner, bundle, work, program, device
        self.few = small or device == "cpu"
        self.image_size = SMALL_SIDE if small else None
        self.python = [sys.executable, "-B", "-W", "ignore"]
        # Runs whose answers are still to be compared with the reference's.
        self.pending = []
        for objects in (1, 2, 8):
            self._write_prompts(objects)
        self.preparing = threading.Thread(target=self._prepare, daemon=True)

    def _write_prompts(self, objects):
        said = json.loads((self.bundle / "prompts.json").read_text())
        ids = list(dict.fromkeys(entry["object"] for entry in said))[:objects]
        kept = [entry for entry in said if entry["object"] in ids]
        for entry in kept:
            if "mask" in entry:
                entry["mask"] = str(self.bundle / entry["mask"])
        prompts_of(self.work, objects).write_text(json.dumps(kept))

    def start(self, names):
        """Begins to make the checkpoints and the reference's answers that these steps need."""
        models = {torch_of(name)[0] if name.startswith("torch-") else ours(name)[0] for name in names if name not in ("micro", COMINGS)}
        self.wanted = [text for text in REFERENCES if text.partition(":")[0] in models]
        self.preparing.start()

    def _prepare(self):
        if self.wanted:
            command = [*self.python, self.bundle / "prepare.py", "--bundle", self.bundle, "--work", self.work, "--device",
                       self.torch_device(), "--stop", COMPARED, *self._sized("tiny"), *self.wanted]
            self.runner.run("prepare", command, self._limit(150), aside=True)

    def _has(self, event, **fields):
        found = self.runner.results["steps"].get("prepare", {}).get("events", [])
        return any(one.get("event") == event and fields.items() <= one.items() for one in found)

    def _is_prepared(self, model):
        """Whether a model's checkpoint is there. All but nano, of which no time is taken, wait until nothing is prepared any more, for
        that would take time from them on the device."""
        if model == "nano":
            return True
        self.preparing.join(max(self.runner.left(), 0))
        return self._has("checkpoint", model=model)

    def torch_device(self):
        return "cpu" if self.device == "cpu" else "cuda"

    def _sized(self, model):
        return ["--image-size", self.image_size] if self.image_size and model != "nano" else []

    def _limit(self, seconds):
        """A processor is slow without being stuck."""
        return seconds * 4 if self.device == "cpu" else seconds

    def run(self, name):
        """One step, whatever comes of it."""
        if self.runner.left() < 15:
            self.runner.results["steps"].setdefault(name, {"outcome": "no time left"})
            return
        if name == "micro":
            shrink = ["--shrink", "16", "--rounds", "2"] if self.few else []
            self.runner.run(name, [self.program, "micro", "--device", self.device, *shrink], self._limit(90))
        elif name == COMINGS:
            self._comings(name)
        elif name.startswith("torch-"):
            self._torch(name, *torch_of(name))
        elif "-stages-" in name:
            self._stages(name, *ours(name))
        else:
            self._track(name, *ours(name))
        self._compare_what_is_ready()

    def _network(self, model, precision):
        return ["--checkpoint", checkpoint_of(self.bundle, self.work, model), "--device", self.device, "--precision", precision,
                *self._sized(model)]

    def _missing(self, name, model):
        if self._is_prepared(model):
            return False
        self.runner.results["steps"][name] = {"outcome": f"the weights of {model} were not made"}
        return True

    def _stages(self, name, model, objects, precision):
        if not self._missing(name, model):
            rounds = "3" if self.few else "10"
            command = [self.program, "stages", *self._network(model, precision), "--objects", objects, "--rounds", rounds]
            self.runner.run(name, command, self._limit(60))

    def _track(self, name, model, objects, precision):
        """Ours: speed, memory, and answers to compare."""
        if self._missing(name, model):
            return
        frames = FEW if self.few else FRAMES[precision][objects]
        logits, lines = self.work / f"{name}.safetensors", self.work / f"{name}.ndjson"
        command = [self.program, "track", *self._network(model, precision), "--input", self.bundle / "frames",
                   "--prompts", prompts_of(self.work, objects), "--frames", frames, "--logits", logits,
                   "--logits-frames", COMPARED, "--ndjson", lines]
        # Only nano runs while something else is on the device, whose memory would be counted as nano's.
        result = self.runner.run(name, command, self._limit(120), aside=model == "nano")
        if result["outcome"] == "done":
            self.pending.append((name, model, objects, logits, lines))

    def _comings(self, name):
        """Ours: memory, while objects come and go."""
        network = self._network("nano", "f32" if self.device == "cpu" else "f16")
        command = [self.program, "track", *network, "--input", self.bundle / "frames", "--prompts", self.bundle / "comings.json",
                   "--frames", 5 * FEW if self.few else LONG]
        self.runner.run(name, command, self._limit(240))

    def _torch(self, name, model, variant):
        if self._missing(name, model):
            return
        command = [*self.python, self.bundle / "python/speed.py", "--checkpoint", checkpoint_of(self.bundle, self.work, model),
                   "--input", self.bundle / "frames", "--variant", variant, "--device", self.torch_device(), *self._sized(model)]
        for objects, frames in TORCH_FRAMES.items():
            command += ["--prompts", prompts_of(self.work, objects), "--frames", FEW if self.few else frames]
        self.runner.run(name, command, self._limit(420 if variant.startswith("compiled") else 90))

    def _compare_what_is_ready(self):
        for run in list(self.pending):
            name, model, objects, logits, lines = run
            if self._has("reference", model=model, objects=objects):
                self.pending.remove(run)
                reference = reference_of(self.work, model, objects, None if model == "nano" else self.image_size)
                command = [*self.python, self.bundle / "compare.py", reference, logits, lines]
                parity = last(self.runner.run(f"{name}-compare", command, self._limit(30), aside=True), "parity")
                if parity:
                    self.runner.results["steps"][name]["parity"] = parity

    def finish(self):
        """The comparisons that are still to be made: they need the reference's answers, and no device."""
        if self.pending:
            self.preparing.join(max(self.runner.left() - 5, 0))
            self._compare_what_is_ready()
