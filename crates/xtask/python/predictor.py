"""Builds the official SAM2VideoPredictor for any member of the family, from a configuration in `nano.json`'s format."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from sam2.modeling.backbones.hieradet import Hiera
from sam2.modeling.backbones.image_encoder import FpnNeck, ImageEncoder
from sam2.modeling.memory_attention import MemoryAttention, MemoryAttentionLayer
from sam2.modeling.memory_encoder import CXBlock, Fuser, MaskDownSampler, MemoryEncoder
from sam2.modeling.position_encoding import PositionEmbeddingSine
from sam2.modeling.sam.transformer import RoPEAttention, TwoWayTransformer
from sam2.sam2_video_predictor import SAM2VideoPredictor, SAM2VideoPredictorVOS

# The official sizes; everything not named here is equal for all of them.
OFFICIAL_TRUNKS = {
    "tiny": {"embed_dim": 96, "num_heads": 1, "stages": [1, 2, 7, 2], "global_att_blocks": [5, 7, 9],
             "window_spec": [8, 4, 14, 7], "window_pos_embed_bkg_spatial_size": [7, 7]},
    "small": {"embed_dim": 96, "num_heads": 1, "stages": [1, 2, 11, 2], "global_att_blocks": [7, 10, 13],
              "window_spec": [8, 4, 14, 7], "window_pos_embed_bkg_spatial_size": [7, 7]},
    "base-plus": {"embed_dim": 112, "num_heads": 2, "stages": [2, 3, 16, 3], "global_att_blocks": [12, 16, 20],
                  "window_spec": [8, 4, 14, 7], "window_pos_embed_bkg_spatial_size": [14, 14]},
    "large": {"embed_dim": 144, "num_heads": 2, "stages": [2, 6, 36, 4], "global_att_blocks": [23, 33, 43],
              "window_spec": [8, 4, 16, 8], "window_pos_embed_bkg_spatial_size": [7, 7]},
}
OFFICIAL_NAMES = [f"{family}-{size}" for family in ("sam2.1", "sam2") for size in OFFICIAL_TRUNKS]


def official_config(name):
    """The configuration of one of the eight official variants, by the name that `maskd --checkpoint` knows it by."""
    family, _, size = name.partition("-")
    if name not in OFFICIAL_NAMES:
        raise SystemExit(f"unknown variant {name!r}: one of {', '.join(OFFICIAL_NAMES)}")
    return {
        "family": family, "name": name, "image_size": 1024, "trunk": {**OFFICIAL_TRUNKS[size], "q_pool": 3},
        "d_model": 256, "mem_dim": 64,
        "memory_attention": {"num_layers": 4, "dim_feedforward": 2048, "num_heads": 1},
        "mask_decoder": {"mlp_dim": 2048, "num_heads": 8, "depth": 2},
        "num_maskmem": 7, "max_obj_ptrs": 16,
    }


def _image_encoder(config):
    trunk_config = dict(config["trunk"])
    trunk = Hiera(
        embed_dim=trunk_config["embed_dim"], num_heads=trunk_config["num_heads"], q_pool=trunk_config["q_pool"],
        stages=tuple(trunk_config["stages"]), global_att_blocks=tuple(trunk_config["global_att_blocks"]),
        window_spec=tuple(trunk_config["window_spec"]),
        window_pos_embed_bkg_spatial_size=tuple(trunk_config["window_pos_embed_bkg_spatial_size"]),
    )
    neck = FpnNeck(
        position_encoding=PositionEmbeddingSine(num_pos_feats=config["d_model"]), d_model=config["d_model"],
        backbone_channel_list=trunk.channel_list, fpn_top_down_levels=[2, 3], fpn_interp_model="nearest",
    )
    return ImageEncoder(trunk=trunk, neck=neck, scalp=1)


def _memory_attention(config):
    dim, settings = config["d_model"], config["memory_attention"]
    grid = config["image_size"] // 16
    common = {"embedding_dim": dim, "num_heads": settings["num_heads"], "feat_sizes": (grid, grid), "dropout": 0.1}
    layer = MemoryAttentionLayer(
        activation="relu", d_model=dim, dim_feedforward=settings["dim_feedforward"], dropout=0.1,
        pos_enc_at_attn=False, pos_enc_at_cross_attn_keys=True, pos_enc_at_cross_attn_queries=False,
        self_attention=RoPEAttention(**common),
        cross_attention=RoPEAttention(**common, rope_k_repeat=True, kv_in_dim=config["mem_dim"]),
    )
    return MemoryAttention(d_model=dim, pos_enc_at_input=True, layer=layer, num_layers=settings["num_layers"])


def _memory_encoder(config):
    dim = config["d_model"]
    return MemoryEncoder(
        out_dim=config["mem_dim"], in_dim=dim,
        mask_downsampler=MaskDownSampler(embed_dim=dim, kernel_size=3, stride=2, padding=1),
        fuser=Fuser(CXBlock(dim=dim), num_layers=2),
        position_encoding=PositionEmbeddingSine(num_pos_feats=config["mem_dim"]),
    )


def build(config, fill_hole_area=0, compiled=False):
    """The predictor as `build_sam2_video_predictor` makes it from the official YAML files, its overrides included.

    With `compiled` it is the one that `vos_optimized=True` makes: every part of it goes through `torch.compile`.
    """
    newer = config["family"] == "sam2.1"
    model = (SAM2VideoPredictorVOS if compiled else SAM2VideoPredictor)(
        compile_image_encoder=compiled,
        image_encoder=_image_encoder(config), memory_attention=_memory_attention(config),
        memory_encoder=_memory_encoder(config), num_maskmem=config["num_maskmem"],
        max_obj_ptrs_in_encoder=config["max_obj_ptrs"], image_size=config["image_size"],
        sigmoid_scale_for_mem_enc=20.0, sigmoid_bias_for_mem_enc=-10.0, use_mask_input_as_output_without_sam=True,
        directly_add_no_mem_embed=True, use_high_res_features_in_sam=True, multimask_output_in_sam=True,
        iou_prediction_use_sigmoid=True, use_obj_ptrs_in_encoder=True, only_obj_ptrs_in_the_past_for_eval=True,
        pred_obj_scores=True, pred_obj_scores_mlp=True, fixed_no_obj_ptr=True, multimask_output_for_tracking=True,
        use_multimask_token_for_obj_ptr=True, multimask_min_pt_num=0, multimask_max_pt_num=1,
        use_mlp_for_obj_ptr_proj=True, no_obj_embed_spatial=newer, add_tpos_enc_to_obj_ptrs=newer,
        proj_tpos_enc_in_obj_ptrs=newer, use_signed_tpos_enc_to_obj_ptrs=newer,
        # what build_sam2_video_predictor overrides
        sam_mask_decoder_extra_args={"dynamic_multimask_via_stability": True,
                                     "dynamic_multimask_stability_delta": 0.05,
                                     "dynamic_multimask_stability_thresh": 0.98},
        binarize_mask_from_pts_for_mem_enc=True, fill_hole_area=fill_hole_area,
    )
    decoder = config["mask_decoder"]
    model.sam_mask_decoder.transformer = TwoWayTransformer(
        depth=decoder["depth"], embedding_dim=config["d_model"], mlp_dim=decoder["mlp_dim"],
        num_heads=decoder["num_heads"],
    )
    return model.eval()


def _family_of(state):
    return "sam2.1" if "no_obj_embed_spatial" in state else "sam2"


def _official_config_of(state):
    """Recognises an official variant by its tensors."""
    width = state["image_encoder.trunk.patch_embed.proj.weight"].shape[0]
    blocks = 1 + max(int(key.split(".")[3]) for key in state if key.startswith("image_encoder.trunk.blocks."))
    for size, trunk in OFFICIAL_TRUNKS.items():
        if trunk["embed_dim"] == width and sum(trunk["stages"]) == blocks:
            return official_config(f"{_family_of(state)}-{size}")
    raise SystemExit(f"no official variant has {blocks} blocks of width {width}, and the file carries no configuration")


def load(path, image_size=None, compiled=False):
    """Predictor and configuration of an official `.pt` or of a `.safetensors` (its `config` metadata, when present)."""
    config = None
    if Path(path).suffix == ".safetensors":
        with safe_open(path, "pt") as file:
            config = json.loads((file.metadata() or {}).get("config", "null"))
        state = {name: tensor.float() for name, tensor in load_file(path).items()}
    else:
        state = torch.load(path, map_location="cpu", weights_only=True)["model"]
    config = config or _official_config_of(state)
    if image_size is not None:
        config = {**config, "image_size": image_size}
    model = build(config, compiled=compiled)
    model.load_state_dict(state, strict=True)
    return model, config
