"""What can be wrong in the figures without a GPU being there."""

import unittest

import table


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


class Table(unittest.TestCase):
    def test_ratios_say_how_much_faster_we_are(self):
        steps = {
            "tiny-1": step({"event": "speed", "frames_per_s": 150.0}, device_MiB=1000),
            "tiny-8": step(outcome="no time left"),
            "torch-tiny-compiled-bf16": step({"event": "speed", "objects": 1, "frames_per_s": 100.0},
                                             {"event": "speed", "objects": 8, "frames_per_s": 20.0}),
        }
        text = table.render({"steps": steps})
        self.assertIn("| tiny | 1 | maskd f16 | 150.0 | - | 22.0 % | 137 | device memory 1000 MiB |", text)
        self.assertIn("| tiny | 1 | PyTorch compiled-bf16 | 100.0 | 1.50 |", text)
        # Eight objects of ours were not run: no ratio, but PyTorch's own figure.
        self.assertIn("| tiny | 8 | PyTorch compiled-bf16 | 20.0 | - |", text)
        self.assertIn("| tiny | 8 | maskd f16 | - | - | - | - | no time left |", text)
        self.assertNotIn("base-plus", text)

    def test_every_row_has_as_many_cells_as_its_header(self):
        steps = {"tiny-1": step({"event": "loaded", "at_s": 1.0}, {"event": "speed", "frames_per_s": 2.0, "first_frames_ms": [9.0]}),
                 "tiny-stages-1": step({"event": "stage", "name": "load", "first_ms": 9.0, "wrong": False}), "micro": step(RIGHT)}
        widths = {}
        for line in table.render({"steps": steps, "device": "cpu"}).splitlines():
            section = line if line.startswith("## ") else widths.get("now")
            widths["now"] = section
            if line.startswith("|"):
                self.assertEqual(line.count("|"), widths.setdefault(section, line.count("|")), line)

    def test_a_processor_is_not_said_to_compute_in_f16(self):
        text = table.render({"steps": {"tiny-1": step({"event": "speed", "frames_per_s": 2.0})}, "device": "cpu"})
        self.assertIn("| tiny | 1 | maskd f32 | 2.0 |", text)
        self.assertNotIn("f16", text)

    def test_a_failure_is_a_row_with_its_reason(self):
        panic = {"event": "panic", "message": "no kernel | at all"}
        text = table.render({"steps": {"tiny-1": step(panic, outcome="stopped after 20 s")}, "failed": "Traceback"})
        self.assertIn("stopped after 20 s no kernel / at all", text)
        self.assertIn("Traceback", text)

    def test_parity_stages_and_operations_are_shown(self):
        parity = {"frames": 10, "worst_error": 2e-4, "median_error": 1e-5, "mean_iou": 0.9999, "worst_iou": 0.999}
        steps = {
            "nano-parity": step({"event": "loaded", "at_s": 2.0}, {"event": "speed", "first_frames_ms": [9000, 1000]}, parity=parity),
            "tiny-stages-1": step({"event": "stage", "name": "load", "first_ms": 900.0, "wrong": False},
                                  {"event": "stage", "name": "memory attention", "first_ms": 70.0, "wrong": False,
                                   "ms": {"median": 3.5}, "until_asked_ms": {"median": 1.5}}),
            "micro": step(RIGHT),
        }
        text = table.render({"steps": steps})
        self.assertIn("| nano, f32 | 10 | 2.0e-04 | 1.0e-05 | 0.99990 | 0.99900 |", text)
        self.assertIn("| nano-parity | 2.0 | 9.0 | 10.0 |", text)
        self.assertIn("| tiny-stages-1 | load | - | - | 900.0 |", text)
        self.assertIn("| tiny-stages-1 | memory attention | 3.5 | 1.5 | 70.0 |", text)
        self.assertIn("| product, f16 | right | 4.0e-4 | 2e-3 | 1.0 | 4.8 TFLOP/s | 900 |", text)
        self.assertNotIn("WRONG", text)

    def test_what_is_wrong_is_said_first(self):
        wrong = {**RIGHT, "name": "norm, f16", "off_by": "inf", "wrong": True}
        died = {"event": "micro", "name": "pool, f32", "first_ms": 0.0, "failed": "it | panicked", "wrong": True}
        results = {"steps": {"micro": step(RIGHT, wrong, died)}}
        text = table.render(results)
        self.assertEqual(table.wrong(results), ["norm, f16", "pool, f32"])
        self.assertIn("| norm, f16 | **WRONG** | inf |", text)
        self.assertIn("| pool, f32 | it / panicked | - | - | - |  | 0.0 |", text)
        self.assertLess(text.index("WRONG ON THIS DEVICE: norm, f16; pool, f32"), text.index("## "))


if __name__ == "__main__":
    unittest.main()
