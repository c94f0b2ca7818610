"""Steps the official video predictor forward, frame by frame, the way a live tracker works.

On each frame, in this order: removals; prompts of objects that do not exist yet; tracking of all objects; prompts of
objects that existed before the frame (corrections, which therefore start from the frame's own logits).
"""

import numpy as np
import torch

MEAN = torch.tensor((0.485, 0.456, 0.406), dtype=torch.float32)[:, None, None]
STD = torch.tensor((0.229, 0.224, 0.225), dtype=torch.float32)[:, None, None]


def to_model_input(picture, size):
    """A PIL picture as `load_video_frames` turns it into one [3, size, size] frame."""
    pixels = np.array(picture.convert("RGB").resize((size, size))) / 255.0
    frame = torch.zeros(3, size, size)
    frame[:] = torch.from_numpy(pixels).permute(2, 0, 1)
    frame -= MEAN
    frame /= STD
    return frame


class LazyFrames:
    """Stands in for the list of frames that `load_video_frames` returns, without holding a whole video."""

    def __init__(self, pictures, size):
        self.pictures, self.size = pictures, size

    def __len__(self):
        return len(self.pictures)

    def __getitem__(self, index):
        return to_model_input(self.pictures[index], self.size)


def init_state(model, pictures):
    """An inference state as `init_state` makes it, from PIL pictures instead of a directory of JPEG files."""
    import sam2.sam2_video_predictor as official

    width, height = pictures[0].size
    original = official.load_video_frames
    official.load_video_frames = lambda **_: (LazyFrames(pictures, model.image_size), height, width)
    try:
        return model.init_state("frames")
    finally:
        official.load_video_frames = original


def record_ious(model):
    """Makes the predictor remember the predicted IoU of every mask that it chooses, in `model.last_iou`."""
    heads, mask_as_output = model._forward_sam_heads, model._use_mask_as_output

    def forward_sam_heads(*args, **kwargs):
        outputs = heads(*args, **kwargs)
        model.last_iou = outputs[2].max(dim=-1).values
        return outputs

    def use_mask_as_output(*args, **kwargs):
        outputs = mask_as_output(*args, **kwargs)
        model.last_iou = outputs[2][:, 0]
        return outputs

    model._forward_sam_heads, model._use_mask_as_output = forward_sam_heads, use_mask_as_output


class Session:
    """The official predictor with prompts `[{frame, object, points, box, mask, remove}]`; `mask` is a 2-D array."""

    def __init__(self, model, pictures, prompts):
        self.model, self.prompts = model, prompts
        record_ious(model)
        self.state = init_state(model, pictures)
        self.ious = {}

    @property
    def ids(self):
        return sorted(self.state["obj_ids"])

    def _prompt(self, entry):
        frame, object_id = entry["frame"], entry["object"]
        if entry.get("mask") is not None:
            mask = torch.as_tensor(entry["mask"], dtype=torch.bool)
            self.model.add_new_mask(self.state, frame_idx=frame, obj_id=object_id, mask=mask)
        else:
            points = entry.get("points") or []
            self.model.add_new_points_or_box(
                self.state, frame_idx=frame, obj_id=object_id, box=entry.get("box"),
                points=[[x, y] for x, y, _ in points] or None, labels=[int(label) for *_, label in points] or None,
            )
        self.ious[object_id] = float(self.model.last_iou[0])

    def _track(self, frame):
        run = self.model._run_single_frame_inference
        ids = list(self.state["obj_ids"])

        def remember(**kwargs):
            outputs = run(**kwargs)
            index = next(i for i, out in self.state["output_dict_per_obj"].items() if out is kwargs["output_dict"])
            self.ious[ids[index]] = float(self.model.last_iou[0])
            return outputs

        self.model._run_single_frame_inference = remember
        try:
            (found, _, video_res), = self.model.propagate_in_video(
                self.state, start_frame_idx=frame, max_frame_num_to_track=0)
        finally:
            self.model._run_single_frame_inference = run
        assert found == frame
        return video_res

    def _outputs(self, frame):
        """Newest output of each object on the frame: a pending correction before what was tracked."""
        newest = {}
        for object_id, index in self.state["obj_id_to_idx"].items():
            places = [self.state["temp_output_dict_per_obj"][index], self.state["output_dict_per_obj"][index]]
            found = [place[key][frame] for place in places for key in ("non_cond_frame_outputs", "cond_frame_outputs")
                     if frame in place[key]]
            newest[object_id] = found[0]
        return newest

    def step(self, frame):
        """Processes one frame: ids, low-resolution logits, IoUs, object scores and logits at the video's size."""
        todo = [entry for entry in self.prompts if entry["frame"] == frame]
        for entry in todo:
            if entry.get("remove"):
                self.model.remove_object(self.state, entry["object"], strict=True, need_output=False)
        before = set(self.state["obj_ids"])
        prompts = [entry for entry in todo if not entry.get("remove")]
        for entry in prompts:
            if entry["object"] not in before:
                self._prompt(entry)
        if not self.state["obj_ids"]:
            return {"ids": [], "low_res": None}
        video_res = self._track(frame)[[self.state["obj_id_to_idx"][i] for i in self.ids]]
        corrections = [entry for entry in prompts if entry["object"] in before]
        for entry in corrections:
            self._prompt(entry)
        return self._result(frame, None if corrections else video_res)

    def _result(self, frame, video_res):
        """What is known of the frame; `video_res` is upsampled again only where corrections have changed it."""
        outputs = self._outputs(frame)
        low_res = torch.cat([outputs[i]["pred_masks"] for i in self.ids]).float()
        if video_res is None:
            _, video_res = self.model._get_orig_video_res_output(self.state, low_res)
        return {
            "ids": self.ids,
            "low_res": low_res,
            "iou": torch.tensor([self.ious[i] for i in self.ids]),
            "object_score": torch.cat([outputs[i]["object_score_logits"] for i in self.ids]).flatten().float(),
            "video_res": video_res,
        }

    def forget_before(self, frame):
        """Drops outputs that no later frame can look at, so that long videos fit in memory."""
        keep = frame - max(self.model.num_maskmem, self.model.max_obj_ptrs_in_encoder) - 1
        for output in self.state["output_dict_per_obj"].values():
            old = output["non_cond_frame_outputs"]
            for index in [i for i in old if i < keep]:
                del old[index]
