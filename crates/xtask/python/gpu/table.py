"""One table of everything that was measured, and of what was not and why."""

from processes import events, last

# GFLOP of the encoder, and of everything else for each object with a full memory bank (1024 pixels).
ENCODER = {"tiny": 292.4, "base-plus": 646.8}
OBJECT = 620.9
# Frames per second that an H100 allows, by its arithmetic and its memory together.
ROOF = {("tiny", 1): 682, ("tiny", 8): 132, ("base-plus", 1): 485, ("base-plus", 8): 122}
PYTORCH = ("eager-f32", "eager-tf32", "eager-bf16", "compiled-bf16")


def teraflops(model, objects, frames_per_s):
    """The official network's arithmetic per second, however much of it is really done."""
    return (ENCODER[model] + OBJECT * objects) * frames_per_s / 1e3


def share_of_roof(model, objects, frames_per_s):
    return frames_per_s / ROOF[model, objects]


def _speed(steps, name):
    """Ours: the tolerant run where only that one came to an end."""
    for tried in (name, f"{name}-tolerant"):
        speed = last(steps.get(tried), "speed")
        if speed and speed.get("frames_per_s"):
            return speed["frames_per_s"], steps[tried]
    return None, steps.get(name)


def _torch_speed(steps, model, variant, objects):
    step = steps.get(f"torch-{model}-{variant}")
    found = [event for event in events(step, "speed") if event["objects"] == objects]
    return (found[-1] if found else None), step


def _why(step):
    if step is None:
        return "not run"
    messages = [event.get("message", "") for event in events(step, "panic") + events(step, "error")]
    return " ".join([step.get("outcome", "?"), *messages[:1]])[:100].replace("|", "/").replace("\n", " ")


def _speed_rows(steps, half):
    for model in ("tiny", "base-plus"):
        for objects in (1, 8):
            rates = {"maskd f32": _speed(steps, f"{model}-{objects}-f32"), f"maskd {half}": _speed(steps, f"{model}-{objects}")}
            ours = rates[f"maskd {half}"][0]
            for variant in PYTORCH:
                found, torch_step = _torch_speed(steps, model, variant, objects)
                rates[f"PyTorch {variant}"] = (found and found["frames_per_s"], torch_step)
            for name, (rate, of) in rates.items():
                if of is None:
                    continue
                if rate is None:
                    yield f"| {model} | {objects} | {name} | - | - | - | - | {_why(of)} |"
                    continue
                ratio = f"{ours / rate:.2f}" if ours and not name.startswith("maskd") else "-"
                memory = of.get("device_MiB", "-")
                yield (f"| {model} | {objects} | {name} | {rate:.1f} | {ratio} | {100 * share_of_roof(model, objects, rate):.1f} % | "
                       f"{teraflops(model, objects, rate):.0f} | device memory {memory} MiB |")


def _parity_rows(steps, half):
    named = (("nano-parity", "nano, f32"), ("nano-parity-f16", f"nano, {half}"), ("tiny-1-f32", "tiny, random, f32"),
             ("tiny-1", f"tiny, random, {half}"))
    for name, model in named:
        step = steps.get(name)
        if step is None:
            continue
        parity = step.get("parity") or (steps.get(f"{name}-tolerant") or {}).get("parity")
        if parity:
            yield (f"| {model} | {parity['frames']} | {parity['worst_error']:.1e} | {parity['median_error']:.1e} | "
                   f"{parity['mean_iou']:.5f} | {parity['worst_iou']:.5f} |")
        else:
            yield f"| {model} | - | {_why(steps.get(name))} | | | |"


def _start_rows(steps):
    for name, step in steps.items():
        speed, loaded = last(step, "speed"), last(step, "loaded")
        first = (speed or {}).get("first_frames_ms") or [event.get("wall") for event in events(step, "frame")]
        if loaded and first:
            seconds = sum(value for value in first if value) / 1e3
            yield f"| {name} | {loaded['at_s']:.1f} | {first[0] / 1e3:.1f} | {seconds:.1f} | {step.get('device_MiB', '-')} |"


def _stage_rows(steps):
    for name, step in steps.items():
        for event in events(step, "stage"):
            ms, asked = ((event.get(key) or {}).get("median") or "-" for key in ("ms", "until_asked_ms"))
            yield f"| {name} | {event['name']} | {ms} | {asked} | {event['first_ms']} |"


def _micro_rows(steps):
    for event in events(steps.get("micro"), "micro"):
        verdict = (event.get("failed") or "**WRONG**")[:80].replace("|", "/").replace("\n", " ") if event["wrong"] else "right"
        rate = [f"{event[key]} {unit}" for key, unit in (("TFLOP_per_s", "TFLOP/s"), ("GB_per_s", "GB/s")) if key in event]
        ms = (event.get("ms") or {}).get("median", "-")
        yield (f"| {event['name']} | {verdict} | {event.get('off_by', '-')} | {event.get('allowed', '-')} | {ms} | {' '.join(rate)} | "
               f"{event['first_ms']} |")


def wrong(results):
    """Names of what came out wrong, as far as it ran."""
    steps = results["steps"]
    named = [event["name"] for event in events(steps.get("micro"), "micro") if event["wrong"]]
    return named + [name for name, step in steps.items() if (step.get("parity") or {}).get("worst_error") == float("inf")]


def _alarm(results):
    """What nobody may overlook."""
    named = wrong(results)
    return ["", f"**WRONG ON THIS DEVICE: {'; '.join(named)}.** No speed below means anything."] if named else []


def _machine_lines(steps):
    step = steps.get("machine")
    torch = last(step, "torch") or {}
    yield f"PyTorch {torch.get('torch')} with CUDA {torch.get('cuda')}, cuDNN {torch.get('cudnn')}, Python {torch.get('python')}: {torch.get('device')}"
    for device in events(steps.get("devices"), "device"):
        yield f"maskd, {device['asked']}: {device.get('found') or device.get('missing')}"


def _section(title, header, rows):
    rows = list(rows)
    if not rows:
        return []
    return ["", f"## {title}", "", header, "|" + "---|" * (header.count("|") - 1), *rows]


def render(results):
    """Everything as Markdown."""
    steps = results["steps"]
    # A processor computes in f32 whatever a step is called.
    half = "f32" if results.get("device") == "cpu" else "f16"
    lines = ["# gpu-check", "", *_machine_lines(steps)]
    lines += _alarm(results)
    lines += _section("Operations against the processor in f32", "| operation | verdict | off by | allowed | ms | rate | ms of the first time |", _micro_rows(steps))
    lines += _section("Parity with PyTorch on the CPU in f32", "| model | frames | worst relative logit error | median | mean mask IoU | worst |", _parity_rows(steps, half))
    lines += _section("Speed at 1024 pixels, full memory bank", "| model | objects | who | frames/s | maskd is ... times as fast | of the H100's roof | TFLOP/s of the official network | |", _speed_rows(steps, half))
    lines += _section("Start", "| step | s until loaded | s of the first frame | s of the frames of the warm-up | device MiB |", _start_rows(steps))
    lines += _section("Stages", "| step | stage | ms | ms until all was asked for | ms of the first time |", _stage_rows(steps))
    lines += _section("Steps", "| step | outcome | s |", (f"| {name} | {_why(step)} | {step.get('seconds', '-')} |" for name, step in steps.items()))
    if results.get("failed"):
        lines += ["", "```", results["failed"], "```"]
    return "\n".join(lines) + "\n"
