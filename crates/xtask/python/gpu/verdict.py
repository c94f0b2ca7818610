"""What counts as wrong."""

from plan import COMINGS, ours
from processes import events

# Of a logit, as a fraction of the greatest one of its object and frame: what `cargo xtask parity` allows for f32. Factors of f16
# have 13 bits less.
LARGEST_ERROR = {"f32": 1e-3, "f16": 0.2}
# Of masks, in the mean over frames and objects. `nano` keeps memories in bf16, where a last bit may fall to either side: its masks say
# more than its logits.
LEAST_IOU = {"f32": 0.995, "f16": 0.97}


def is_right(model, precision, parity):
    """Whether a comparison is within what rounding explains."""
    errors_right = parity["worst_error"] <= LARGEST_ERROR["f16" if model == "nano" else precision]
    return errors_right and parity["mean_iou"] >= LEAST_IOU[precision]


def failed(steps, name):
    """Whether a step of ours was tried, and gave nothing or something wrong."""
    step = steps.get(name)
    if step is None:
        return False
    if step.get("parity"):
        model, _, precision = ours(name)
        return not is_right(model, precision, step["parity"])
    return step.get("outcome") != "done"


def missing(steps):
    """Names of what gave no answer, or was not compared."""
    names = [name for name, step in steps.items() if step.get("outcome") != "done"]
    known = {*names, COMINGS}
    return names + [name for name, step in steps.items() if name not in known and events(step, "frame") and not step.get("parity")]


def wrong(steps):
    """Names of what came out wrong, as far as it ran."""
    operations = [event["name"] for event in events(steps.get("micro"), "micro") if event["wrong"]]
    return operations + [name for name, step in steps.items() if step.get("parity") and failed(steps, name)]
