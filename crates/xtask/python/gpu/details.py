"""What is behind the table: starts, single operations, stages, and what each step came to."""

from processes import events, last
from table import markdown, why


def _starts(steps):
    for name, step in steps.items():
        speed, loaded = last(step, "speed"), last(step, "loaded")
        first = (speed or {}).get("first_frames_ms") or [event.get("wall") for event in events(step, "frame")]
        if loaded and first:
            seconds = sum(value for value in first if value) / 1e3
            yield name, f"{loaded['at_s']:.1f}", f"{first[0] / 1e3:.1f}", f"{seconds:.1f}", step.get("device_MiB", "-")


def _stages(steps):
    for name, step in steps.items():
        for event in events(step, "stage"):
            ms, asked = ((event.get(key) or {}).get("median") or "-" for key in ("ms", "until_asked_ms"))
            yield name, event["name"], ms, asked, event["first_ms"]


def _operations(steps):
    for event in events(steps.get("micro"), "micro"):
        verdict = (event.get("failed") or "**WRONG**")[:80].replace("|", "/").replace("\n", " ") if event["wrong"] else "right"
        rate = [f"{event[key]} {unit}" for key, unit in (("TFLOP_per_s", "TFLOP/s"), ("GB_per_s", "GB/s")) if key in event]
        ms = (event.get("ms") or {}).get("median", "-")
        yield (event["name"], verdict, event.get("off_by", "-"), event.get("allowed", "-"), ms, " ".join(rate) or "-",
               event["first_ms"])


def _steps(steps):
    for name, step in steps.items():
        parity = step.get("parity") or {}
        yield name, why(step), step.get("seconds", "-"), parity.get("median_error", "-"), parity.get("worst_iou", "-")


def details(results):
    """All of it as Markdown."""
    steps = results["steps"]
    sections = (
        ("Start", ("step", "s until loaded", "s of the first frame", "s of the frames of the warm-up", "most device MiB"), _starts),
        ("Operations against the processor in f32",
         ("operation", "verdict", "off by", "allowed", "ms", "rate", "ms of the first time"), _operations),
        ("Stages", ("step", "stage", "ms", "ms until all was asked for", "ms of the first time"), _stages),
        ("Steps", ("step", "outcome", "s", "median logit error", "worst mask IoU"), _steps),
    )
    lines = ["# gpu-check: details"]
    for title, header, found in sections:
        table = markdown(header, found(steps))
        lines += ["", f"## {title}", *table] if table else []
    return "\n".join(lines) + "\n"
