import hashlib
import json

import numpy as np
import pytest
import torch

from ovd.errors import WeightsError
from ovd.model.text.tower import load_tower
from tests.model.towers import WIDTH, write_tower


def test_tower_loads_from_a_folder_and_agrees_with_open_clip(tmp_path):
    spec = write_tower(tmp_path / "tiny")
    import open_clip

    encoder = load_tower(spec)

    model = open_clip.create_model(spec).eval()
    with torch.inference_mode():
        tokens = open_clip.get_tokenizer(spec)(["a dog", "a red car"])
        expected = model.encode_text(tokens, normalize=True).numpy()
    embeds = encoder.embed(["dog", "red car"])
    assert embeds.shape == (2, WIDTH)
    np.testing.assert_allclose(embeds, expected, atol=1e-6)


def test_tower_id_names_folder_and_weights_but_not_the_machine(tmp_path):
    spec = write_tower(tmp_path / "tiny")
    weights = (tmp_path / "tiny" / "open_clip_model.safetensors").read_bytes()

    encoder_id = load_tower(spec).encoder_id

    assert encoder_id == f"tiny@{hashlib.sha256(weights).hexdigest()[:12]}"


def test_missing_tower_folder_says_what_is_missing_and_what_to_do(tmp_path):
    with pytest.raises(WeightsError, match=r"no open_clip_config\.json.*unset OVD_TEXT_ENCODER"):
        load_tower(f"local-dir:{tmp_path / 'nowhere'}")


def test_tower_weights_that_do_not_fit_their_config_are_refused(tmp_path):
    spec = write_tower(tmp_path / "tiny")
    config = tmp_path / "tiny" / "open_clip_config.json"
    config.write_text(config.read_text().replace('"layers": 1', '"layers": 2'))

    with pytest.raises(WeightsError, match="cannot load the text encoder tiny@"):
        load_tower(spec)


def test_tower_with_a_broken_config_is_refused(tmp_path):
    spec = write_tower(tmp_path / "tiny")
    (tmp_path / "tiny" / "open_clip_config.json").write_text('{"model_cfg": ')

    with pytest.raises(WeightsError, match="cannot read"):
        load_tower(spec)


def test_truncated_tower_weights_are_refused(tmp_path):
    spec = write_tower(tmp_path / "tiny")
    weights = tmp_path / "tiny" / "open_clip_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])

    with pytest.raises(WeightsError, match="cannot load the text encoder"):
        load_tower(spec)


def test_tower_that_needs_a_model_hub_is_refused(tmp_path):
    spec = write_tower(tmp_path / "tiny", {"hf_model_name": "somebody/bert"})

    with pytest.raises(WeightsError, match="model hub"):
        load_tower(spec)


def test_tower_not_on_this_machine_is_not_downloaded(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    with pytest.raises(WeightsError, match=r"not on this machine.*hf download timm/\S+ open_clip"):
        load_tower("ViT-B-32/openai")


def test_tower_of_a_tag_is_read_from_the_download_cache(tmp_path, monkeypatch):
    write_tower(tmp_path / "tiny-tower")
    import open_clip

    config = json.loads((tmp_path / "tiny-tower" / "open_clip_config.json").read_text())
    (tmp_path / "tiny-tower.json").write_text(json.dumps(config["model_cfg"]))
    open_clip.add_model_config(tmp_path / "tiny-tower.json")
    source = {"tiny": {"hf_hub": "someone/tiny-tower/", "quick_gelu": False}}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, "tiny-tower", source)
    cache = tmp_path / "cache" / "models--someone--tiny-tower"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text("abc")
    (cache / "snapshots").mkdir()
    (tmp_path / "tiny-tower").rename(cache / "snapshots" / "abc")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))

    encoder = load_tower("tiny-tower/tiny")

    assert encoder.encoder_id == "tiny-tower/tiny"
    assert encoder.embed(["dog"]).shape == (1, WIDTH)


@pytest.mark.parametrize("spec", ["ViT-B-32/no-such-tag", "no-such-model/openai", "openai", "/x"])
def test_unknown_towers_are_refused_with_the_form_to_use(spec):
    with pytest.raises(WeightsError, match="MODEL/TAG"):
        load_tower(spec)
