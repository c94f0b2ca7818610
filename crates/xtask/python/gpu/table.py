"""The table: parity, speed and memory of both programs, and why where there is no figure."""

import statistics

from plan import COMINGS, PYTORCH, SIZES
from processes import events, last
from verdict import is_right, missing, wrong

# GFLOP of the encoder, and of everything else for each object with a full memory bank (1024 pixels).
ENCODER = {"tiny": 292.4, "base-plus": 646.8}
OBJECT = 620.9
# Frames per second that an H100 allows in 16 bits, by its arithmetic and its memory together.
ROOF = {("tiny", 1): 682, ("tiny", 8): 132, ("base-plus", 1): 485, ("base-plus", 8): 122}
# Before this frame pools of memory still fill; over fewer than so many frames growth cannot be told from chance.
SETTLED, LEAST_FRAMES = 50, 80

HEADER = ("network", "objects", "who", "frames/s", "maskd f16 is ... times as fast", "of the H100's roof", "TFLOP/s", "worst logit error",
          "mean mask IoU", "device MiB", "device MiB per 1000 frames", "host MiB per 1000 frames", "remarks")
NOTES = """
Frames per second are those with a full memory bank: maskd from the decoded picture to run lengths of masks in main memory, PyTorch from
the resized picture on the device to logits on the device. Roof and TFLOP/s are those of the official network's arithmetic at 1024 pixels,
however much of it is really done. Errors are those of the first ten frames against PyTorch in f32 on the same device, as fractions of the greatest
logit. Device memory is what the driver counts beyond what was in use before; how it grows is a line through the frames from the fiftieth on.
`results.json` has everything else that was measured, and `details.md` what the start takes, single operations and stages."""


def teraflops(model, objects, frames_per_s):
    """The official network's arithmetic per second, however much of it is really done."""
    return (ENCODER[model] + OBJECT * objects) * frames_per_s / 1e3


def share_of_roof(model, objects, frames_per_s):
    return frames_per_s / ROOF[model, objects]


def why(step):
    """What became of a step, in one cell."""
    messages = [event.get("message", "") for event in events(step, "panic") + events(step, "error")]
    text = " ".join([step.get("outcome", "stopped at the end"), *messages[:1]])
    return text[:160].replace("|", "/").replace("\n", " ")


def growth(told, key):
    """MiB per 1000 frames, by what was told on settled frames; `None` where that says nothing."""
    points = [(event["frame"], event[key]) for event in told if event["frame"] >= SETTLED and event.get(key) is not None]
    if len(points) < 3 or points[-1][0] - points[0][0] < LEAST_FRAMES:
        return None
    return statistics.linear_regression(*zip(*points)).slope * 1000


class Run:
    """What one program did with one network and so many objects."""

    def __init__(self, model, objects, who, step, speed, told, parity=None, precision=None):
        self.model, self.objects, self.who, self.step, self.parity, self.precision = model, objects, who, step, parity, precision
        self.rate = (speed or {}).get("frames_per_s")
        used = [event["device_MiB"] for event in told if event.get("device_MiB") is not None]
        self.device = max(used, default=None)
        self.growths = [growth(told, key) for key in ("device_MiB", "rss_MiB")]

    def cells(self, ours, full_size):
        known = full_size and self.model in ENCODER and self.rate
        yield from (self.model, self.objects, self.who, f"{self.rate:.1f}" if self.rate else "-")
        yield f"{ours / self.rate:.2f}" if ours and self.rate and not self.who.startswith("maskd") else "-"
        yield f"{100 * share_of_roof(self.model, self.objects, self.rate):.1f} %" if known else "-"
        yield f"{teraflops(self.model, self.objects, self.rate):.0f}" if known else "-"
        yield f"{self.parity['worst_error']:.1e}" if self.parity else "-"
        yield f"{self.parity['mean_iou']:.5f}" if self.parity else "-"
        yield "-" if self.device is None else self.device
        yield from ("-" if found is None else f"{found:.0f}" for found in self.growths)
        yield self.remarks()

    def remarks(self):
        if self.parity and not is_right(self.model, self.precision, self.parity):
            return "**WRONG**"
        if self.step.get("outcome") != "done" or not self.rate:
            return why(self.step)
        return "not compared" if self.precision and not self.parity else ""


def _ours(steps, model, objects, precision):
    name = f"{model}-{objects}" + ("-f32" if precision == "f32" else "")
    step = steps.get(name)
    if step:
        told = [] if model == "nano" else events(step, "frame")
        return Run(model, objects, f"maskd {precision}", step, last(step, "speed"), told, step.get("parity"), precision)
    return None


def _comings(steps):
    step = steps.get(COMINGS)
    if step:
        yield Run("nano", "up to 4, coming and going", "maskd", step, last(step, "speed"), events(step, "frame"))


def _pytorch(steps, model, objects, variant):
    step = steps.get(f"torch-{model}-{variant}")
    if step:
        of = [event for event in step.get("events", []) if event.get("objects") == objects]
        told = [event for event in of if event.get("event") == "memory"]
        speed = next((event for event in of if event.get("event") == "speed"), None)
        return Run(model, objects, f"PyTorch {variant}", step, speed, told)
    return None


def rows(steps, full_size):
    """Lists of cells, those of a network and a number of objects together."""
    for model, objects in (("nano", 2), *((model, objects) for model in SIZES for objects in (1, 8))):
        ours = [_ours(steps, model, objects, precision) for precision in ("f32", "f16")]
        theirs = [_pytorch(steps, model, objects, variant) for variant in PYTORCH] if model != "nano" else []
        rate = ours[1].rate if ours[1] else None
        yield from (list(run.cells(rate, full_size)) for run in (*ours, *theirs) if run)
    yield from (list(run.cells(None, full_size)) for run in _comings(steps))


def markdown(header, lines):
    """A table, or nothing where there are no lines."""
    lines = [f"| {' | '.join(map(str, cells))} |" for cells in lines]
    return ["", f"| {' | '.join(header)} |", "|" + "---|" * len(header), *lines] if lines else []


def _machine(steps):
    torch = last(steps.get("prepare"), "torch")
    if torch:
        yield (f"PyTorch {torch.get('torch')} with CUDA {torch.get('cuda')}, cuDNN {torch.get('cudnn')}, Python {torch.get('python')}: "
               f"{torch.get('device') or 'no GPU'}  ")
    for line in events(steps.get("machine"), "driver"):
        yield f"{line['name']}, driver {line['driver']}  "
    for device in events(steps.get("devices"), "device"):
        yield f"maskd: {device.get('found') or device.get('missing')}  "


def render(results):
    """Everything that a reader has to see, as Markdown."""
    steps = results["steps"]
    lines = ["# gpu-check", "", *_machine(steps)]
    named = wrong(steps)
    if named:
        lines += ["", f"**WRONG ON THIS DEVICE: {'; '.join(named)}.** No speed below means anything."]
    table = markdown(HEADER, rows(steps, not results.get("small")))
    if table and results.get("small"):
        lines += ["", "A try of the check itself, with small pictures and few frames: no figure here says how fast anything is."]
    lines += [*table, *NOTES.splitlines()] if table else []
    named = missing(steps)
    lines += ["", f"Without an answer: {'; '.join(named)}."] if named else []
    if results.get("failed"):
        lines += ["", "```", results["failed"].strip(), "```"]
    return "\n".join(lines) + "\n"
