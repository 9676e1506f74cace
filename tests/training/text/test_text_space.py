import numpy as np
import pytest
import torch

from ovd.errors import DatasetError
from ovd.model.text.adapter import TextAdapter
from ovd.training.text import text_space
from ovd.training.text.text_space import add_noise, fit_adapter, load_anchors
from tests.training.sentence_builders import HashedSentences

NAMES = [f"thing_{i}" for i in range(24)]


def write_table(folder, **arrays):
    path = folder / "clip.npz"
    rng = np.random.default_rng(0)
    common = rng.normal(size=16) * 3
    table = {"names": np.array(NAMES), "emb": rng.normal(size=(len(NAMES), 16)) + common}
    np.savez(path, **(table | arrays))
    return path


def test_anchors_are_centred_and_of_unit_length(tmp_path):
    anchors = load_anchors(write_table(tmp_path), HashedSentences(), embed_dim=8)

    torch.testing.assert_close(
        anchors.target_embeds.norm(dim=1), torch.ones(len(anchors.target_embeds))
    )
    cosine = anchors.target_embeds[: len(NAMES)] @ anchors.target_embeds[: len(NAMES)].T
    assert abs(cosine.fill_diagonal_(0).mean()) < 0.1


def test_all_templates_of_a_name_share_its_embedding(tmp_path):
    anchors = load_anchors(write_table(tmp_path), HashedSentences(), embed_dim=8)

    parts = anchors.target_embeds.reshape(len(text_space.TEMPLATES), len(NAMES), 8)
    assert (parts == parts[0]).all()


def test_fitted_adapter_follows_the_embeddings_of_clip(tmp_path, monkeypatch):
    monkeypatch.setattr(text_space, "FIT_STEPS", 60)
    torch.manual_seed(0)
    anchors = load_anchors(write_table(tmp_path), HashedSentences(), embed_dim=8)
    adapter = TextAdapter(anchors.features.shape[1], 8)
    generator = torch.Generator().manual_seed(0)
    before = anchors.loss(adapter, generator, 32)

    cosine = fit_adapter(adapter, anchors, seed=0)

    assert cosine > 0.5
    assert anchors.loss(adapter, generator, 32) < 0.75 * before


def test_noise_has_the_given_share():
    features = torch.randn(4, 4000)

    noisy = add_noise(features, torch.Generator().manual_seed(0), share=0.25)

    ratio = (noisy - features).norm(dim=1) / features.norm(dim=1)
    torch.testing.assert_close(ratio, torch.full((4,), 0.25), atol=0.02, rtol=0)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"emb": np.zeros((3, 16))}, "24 names"),
        ({"emb": np.zeros(24)}, "cannot fill 8 dimensions"),
        ({"emb": np.zeros((24, 4))}, "cannot fill 8 dimensions"),
    ],
)
def test_table_that_does_not_fit_is_refused(tmp_path, arrays, message):
    with pytest.raises(DatasetError, match=message):
        load_anchors(write_table(tmp_path, **arrays), HashedSentences(), embed_dim=8)


def test_missing_table_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"none\.npz"):
        load_anchors(tmp_path / "none.npz", HashedSentences(), embed_dim=8)
