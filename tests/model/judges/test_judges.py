import json
from pathlib import Path

import numpy as np
import pytest
import torch

from ovd.domain.detections import Detections
from ovd.errors import LicenceError, ModelMissingError, UnknownModelError, WeightsError
from ovd.model.backends import LoadOptions
from ovd.model.judges import load_judge
from ovd.model.judges.clip import require_licence
from ovd.model.judges.detector import DetectorJudge
from tests.builders import make_detections, make_vocabulary
from tests.fakes import FakeDetector

OPTIONS = LoadOptions(Path("none"), models_dir=Path("none"))
CONFIG = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {
        "context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1,
    },
}  # fmt: skip


class MiddleDetector(FakeDetector):
    """Finds one box in the middle, and a better one in a corner."""

    def encode(self, queries):
        self.calls += 1
        return make_vocabulary(queries)

    def detect(self, images, vocabulary) -> list[Detections]:
        boxes = ((20.0, 20.0, 80.0, 80.0), (0.0, 0.0, 10.0, 10.0))
        found = make_detections(*boxes, labels=vocabulary.labels, score=[0.6, 0.9])
        return [found for _ in images]


def write_clip(folder: Path) -> Path:
    from ovd.model.text import torchvision_compat

    torchvision_compat.install()
    import open_clip
    from safetensors.torch import save_file

    folder.mkdir()
    (folder / "open_clip_config.json").write_text(json.dumps({"model_cfg": CONFIG}))
    torch.manual_seed(1)
    model = open_clip.model.CLIP(**CONFIG)
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def test_detector_judges_what_is_in_the_middle_of_a_crop():
    judge = DetectorJudge(MiddleDetector())
    crop = np.zeros((100, 100, 3), dtype=np.uint8)

    scores = judge.judge([crop, crop], ["cat", "dog"])

    np.testing.assert_allclose(scores, [0.6, 0.6])


def test_detector_judge_encodes_a_text_once():
    detector = MiddleDetector()
    judge = DetectorJudge(detector)
    crop = np.zeros((100, 100, 3), dtype=np.uint8)

    for _ in range(3):
        judge.judge([crop], ["cat"])

    assert detector.calls == 1


def test_clip_judge_gives_a_probability_for_each_crop(tmp_path):
    judge = load_judge(f"clip:local-dir:{write_clip(tmp_path / 'tiny')}", OPTIONS)
    crops = [np.full((40, 40, 3), value, dtype=np.uint8) for value in (0, 200)]

    together = judge.judge(crops, ["cat", "dog"])
    alone = judge.judge(crops[1:], ["dog"])

    assert ((together > 0) & (together < 1)).all()
    np.testing.assert_allclose(together[1:], alone, atol=1e-5)


def test_clip_folder_without_weights_is_never_left_random(tmp_path):
    folder = write_clip(tmp_path / "tiny")
    (folder / "open_clip_model.safetensors").unlink()

    with pytest.raises(WeightsError, match="cannot load"):
        load_judge(f"clip:local-dir:{folder}", OPTIONS)


@pytest.mark.parametrize(
    "name",
    ["clip:MobileCLIP2-S0/dfndr2b", "clip:ViT-H-14-quickgelu/dfn5b", "clip:nllb-clip-base/v1"],
)
def test_weights_for_research_only_are_refused(name):
    with pytest.raises(LicenceError, match="research only"):
        load_judge(name, OPTIONS)


def test_weights_of_unknown_licence_are_refused_unless_accepted():
    with pytest.raises(LicenceError, match="does not know"):
        require_licence("clip:A/b", "A", "b", frozenset())
    require_licence("clip:A/b", "A", "b", frozenset({"clip:A/b"}))


@pytest.mark.parametrize("name", ["clip:ViT-B-32/laion2b_s34b_b79k", "clip:PE-Core-S-16-384/meta"])
def test_missing_clip_weights_tell_how_to_get_them(name):
    with pytest.raises(WeightsError, match="hf download"):
        load_judge(name, OPTIONS)


def test_unknown_judge_is_refused():
    with pytest.raises(UnknownModelError, match="owlv2-base"):
        load_judge("yolo", OPTIONS)
    with pytest.raises(UnknownModelError, match="list_pretrained"):
        load_judge("clip:ViT-B-32/openai2", OPTIONS)


def test_missing_model_as_judge_tells_how_to_get_it():
    with pytest.raises(ModelMissingError, match="ovd weights pull owlv2-base"):
        load_judge("owlv2-base", OPTIONS)
