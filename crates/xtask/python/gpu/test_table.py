"""What can be wrong in the figures without a GPU being there."""

import unittest

import plan
import table
import verdict
from details import details
from memory import Driver, Memory


def step(*events, outcome="done", **more):
    return {"outcome": outcome, "events": list(events), "seconds": 1.0, **more}


RIGHT = {"event": "micro", "name": "product, f16", "ms": {"median": 1.0}, "first_ms": 900, "TFLOP_per_s": 4.8, "off_by": "4.0e-4",
         "allowed": "2e-3", "wrong": False}


class Figures(unittest.TestCase):
    def test_work_and_roof_are_those_of_the_official_network(self):
        # 292.4 GFLOP for the picture and 620.9 for the object, a hundred times a second.
        self.assertAlmostEqual(table.teraflops("tiny", 1, 100.0), 91.33)
        self.assertAlmostEqual(table.teraflops("base-plus", 8, 10.0), (646.8 + 8 * 620.9) / 100)
        self.assertAlmostEqual(table.share_of_roof("tiny", 1, 341.0), 0.5)
        self.assertAlmostEqual(table.share_of_roof("base-plus", 8, 61.0), 0.5)


def cells(text, start):
    """The cells of the row of the table that begins like that."""
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [cell.strip() for cell in line.strip("|").split("|")]


PARITY = {"frames": 10, "worst_error": 2e-4, "median_error": 1e-5, "mean_iou": 0.9999, "worst_iou": 0.999}


class Machine(unittest.TestCase):
    def test_both_sides_are_named(self):
        torch = {"event": "torch", "torch": "2.11", "cuda": "13.0", "cudnn": 919, "python": "3.12", "device": "GPU"}
        driver = {"event": "driver", "name": "GPU", "driver": "580.1"}
        found = {"event": "device", "asked": "cuda:0", "found": "cuda:0 (GPU)"}
        text = table.render({"steps": {"prepare": step(torch), "machine": step(driver), "devices": step(found)}})
        for line in ("PyTorch 2.11 with CUDA 13.0, cuDNN 919, Python 3.12: GPU", "GPU, driver 580.1", "maskd: cuda:0 (GPU)"):
            self.assertIn(line, text)

    def test_memory_is_asked_of_the_driver_where_there_is_one(self):
        with self.assertRaises(OSError):
            Driver("no-such-library.so")
        used = Memory().restart()
        self.assertTrue(used is None or used >= 0)


class Table(unittest.TestCase):
    def test_ratios_say_how_much_faster_we_are(self):
        steps = {
            "tiny-1": step({"event": "frame", "frame": 0, "device_MiB": 1000}, {"event": "speed", "frames_per_s": 150.0}, parity=PARITY),
            "tiny-8": step(outcome="no time left"),
            "torch-tiny-compiled-bf16": step({"event": "speed", "objects": 1, "frames_per_s": 100.0},
                                             {"event": "speed", "objects": 8, "frames_per_s": 20.0}),
        }
        text = table.render({"steps": steps})
        self.assertEqual(cells(text, "| tiny | 1 | maskd f16"),
                         ["tiny", "1", "maskd f16", "150.0", "-", "22.0 %", "137", "2.0e-04", "0.99990", "1000", "-", "-", ""])
        self.assertEqual(cells(text, "| tiny | 1 | PyTorch compiled-bf16")[3:5], ["100.0", "1.50"])
        # Eight objects of ours were not run: no ratio, but PyTorch's own figure.
        self.assertEqual(cells(text, "| tiny | 8 | PyTorch compiled-bf16")[3:5], ["20.0", "-"])
        self.assertEqual(cells(text, "| tiny | 8 | maskd f16")[3:], ["-"] * 9 + ["no time left"])
        self.assertIn("Without an answer: tiny-8.", text)
        self.assertNotIn("| base-plus", text)

    def test_memory_that_grows_is_told_from_memory_that_settles(self):
        grows = [{"event": "memory", "objects": 1, "frame": frame, "device_MiB": 500 + frame, "rss_MiB": 900.0} for frame in range(0, 400, 10)]
        settles = [{"event": "frame", "frame": frame, "device_MiB": min(frame * 10, 300), "rss_MiB": 70.0} for frame in range(400)]
        text = table.render({"steps": {"torch-tiny-eager-bf16": step(*grows), "tiny-1": step(*settles), "tiny-8": step(*settles[:60])}})
        self.assertEqual(cells(text, "| tiny | 1 | PyTorch eager-bf16")[9:12], ["890", "1000", "0"])
        self.assertEqual(cells(text, "| tiny | 1 | maskd f16")[9:12], ["300", "0", "0"])
        # Too few frames to say.
        self.assertEqual(cells(text, "| tiny | 8 | maskd f16")[9:12], ["300", "-", "-"])

    def test_memory_while_objects_come_and_go_is_a_row_of_its_own(self):
        told = [{"event": "frame", "frame": frame, "device_MiB": 300, "rss_MiB": 70 + frame / 500} for frame in range(0, 2000, 10)]
        steps = {plan.COMINGS: step(*told, {"event": "speed", "frames_per_s": 200.0})}
        row = cells(table.render({"steps": steps}), "| nano | up to 4")
        self.assertEqual(row[3:4] + row[9:], ["200.0", "300", "0", "2", ""])
        self.assertEqual(verdict.missing(steps), [])

    def test_every_row_has_as_many_cells_as_its_header(self):
        steps = {"tiny-1": step({"event": "loaded", "at_s": 1.0}, {"event": "speed", "frames_per_s": 2.0, "first_frames_ms": [9.0]}),
                 "tiny-stages-1": step({"event": "stage", "name": "load", "first_ms": 9.0, "wrong": False}), "micro": step(RIGHT)}
        for text in (table.render({"steps": steps}), details({"steps": steps})):
            width = None
            for line in text.splitlines():
                width = (width or line.count("|")) if line.startswith("|") else None
                self.assertEqual(line.count("|"), width or 0, line)

    def test_what_was_not_compared_is_not_taken_for_right(self):
        steps = {"tiny-1": step({"event": "frame", "frame": 0}, {"event": "speed", "frames_per_s": 2.0})}
        self.assertEqual(cells(table.render({"steps": steps}), "| tiny | 1 | maskd f16")[-1], "not compared")
        self.assertEqual(verdict.missing(steps), ["tiny-1"])

    def test_a_try_says_nothing_of_roofs(self):
        text = table.render({"steps": {"tiny-1-f32": step({"event": "speed", "frames_per_s": 2.0})}, "device": "cpu", "small": True})
        self.assertEqual(cells(text, "| tiny | 1 | maskd f32")[3:7], ["2.0", "-", "-", "-"])
        self.assertIn("A try of the check itself", text)

    def test_a_failure_is_a_row_with_its_reason(self):
        panic = {"event": "panic", "message": "no kernel | at all"}
        text = table.render({"steps": {"tiny-1": step(panic, outcome="stopped after 20 s")}, "failed": "error: no driver"})
        self.assertEqual(cells(text, "| tiny | 1 | maskd f16")[-1], "stopped after 20 s no kernel / at all")
        self.assertIn("error: no driver", text)

    def test_starts_stages_and_operations_are_details(self):
        steps = {
            "nano-2-f32": step({"event": "loaded", "at_s": 2.0}, {"event": "speed", "first_frames_ms": [9000, 1000]}, parity=PARITY),
            "tiny-stages-1": step({"event": "stage", "name": "load", "first_ms": 900.0, "wrong": False},
                                  {"event": "stage", "name": "memory attention", "first_ms": 70.0, "wrong": False,
                                   "ms": {"median": 3.5}, "until_asked_ms": {"median": 1.5}}),
            "micro": step(RIGHT),
        }
        text = details({"steps": steps})
        self.assertIn("| nano-2-f32 | 2.0 | 9.0 | 10.0 |", text)
        self.assertIn("| tiny-stages-1 | load | - | - | 900.0 |", text)
        self.assertIn("| tiny-stages-1 | memory attention | 3.5 | 1.5 | 70.0 |", text)
        self.assertIn("| product, f16 | right | 4.0e-4 | 2e-3 | 1.0 | 4.8 TFLOP/s | 900 |", text)
        self.assertNotIn("WRONG", text + table.render({"steps": steps}))

    def test_what_is_wrong_is_said_first(self):
        bad = {**RIGHT, "name": "norm, f16", "off_by": "inf", "wrong": True}
        died = {"event": "micro", "name": "pool, f32", "first_ms": 0.0, "failed": "it | panicked", "wrong": True}
        off = {**PARITY, "worst_error": 2e-3}
        steps = {"micro": step(RIGHT, bad, died), "tiny-1-f32": step(parity=off), "tiny-1": step(parity=off)}
        text = table.render({"steps": steps})
        # Two thousandths are too much for f32, and rounding for f16.
        self.assertEqual(verdict.wrong(steps), ["norm, f16", "pool, f32", "tiny-1-f32"])
        self.assertEqual(cells(text, "| tiny | 1 | maskd f32")[-1], "**WRONG**")
        self.assertLess(text.index("WRONG ON THIS DEVICE: norm, f16; pool, f32; tiny-1-f32"), text.index("| network"))
        self.assertIn("| norm, f16 | **WRONG** | inf |", details({"steps": steps}))
        self.assertIn("| pool, f32 | it / panicked | - | - | - | - | 0.0 |", details({"steps": steps}))


class Steps(unittest.TestCase):
    def test_names_say_what_is_run(self):
        self.assertEqual(plan.ours("base-plus-8-f32"), ("base-plus", 8, "f32"))
        self.assertEqual(plan.ours("tiny-stages-1"), ("tiny", 1, "f16"))
        self.assertEqual(plan.torch_of("torch-base-plus-compiled-bf16"), ("base-plus", "compiled-bf16"))
        for device in ("cuda", "cpu"):
            for quick in (False, True):
                self.assertLessEqual(set(plan.chosen(device, quick)), set(plan.names()))

    def test_infinite_and_missing_answers_are_wrong(self):
        infinite = {**PARITY, "worst_error": float("inf")}
        steps = {"nano-2": step(parity=infinite), "nano-2-f32": step(outcome="failed with 1"), "tiny-1": step()}
        self.assertTrue(verdict.failed(steps, "nano-2") and verdict.failed(steps, "nano-2-f32"))
        self.assertFalse(verdict.failed(steps, "tiny-1") or verdict.failed(steps, "tiny-8"))


if __name__ == "__main__":
    unittest.main()
