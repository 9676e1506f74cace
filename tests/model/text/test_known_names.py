import numpy as np
import pytest

from ovd.model.text.encoder import TableEncoder, unit_length
from ovd.model.text.known_names import project_on_known_names
from ovd.model.weights import WeightsRole, load_weights


def unit_rows(count: int, dim: int, seed: int = 0) -> np.ndarray:
    return unit_length(np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32))


@pytest.mark.weights
def test_projection_gives_the_logits_of_the_closed_head_for_all_80_names(weights_dir, recorded):
    table = load_weights(weights_dir, "embedded", WeightsRole.TEXT_EMBEDDINGS)
    known = TableEncoder(table).embed(table.names)
    evidence = recorded["logits"].astype(np.float32)[None]
    projection = project_on_known_names(known)

    logits = projection.logits(evidence, projection.project_text(known))

    assert logits.shape[-1] == 80
    np.testing.assert_allclose(logits, evidence, atol=1e-4)


def test_region_embedding_in_text_space_gives_the_same_logit():
    known = unit_rows(6, 20)
    evidence = np.random.default_rng(1).normal(size=(1, 4, 6)).astype(np.float32)
    projection = project_on_known_names(known)
    anything = unit_rows(3, 20, seed=2)

    in_text_space = evidence @ projection.text_map.T

    np.testing.assert_allclose(in_text_space @ known.T, evidence, atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(
        projection.logits(evidence, projection.project_text(anything)),
        in_text_space @ anything.T,
        atol=1e-5,
        rtol=1e-5,
    )


def test_text_outside_of_the_known_ones_scores_zero():
    axes = np.eye(5, dtype=np.float32)
    projection = project_on_known_names(axes[:3])

    logits = projection.logits(
        np.full((1, 1, 3), 7.0, np.float32), projection.project_text(axes[4:])
    )

    assert logits.item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "known",
    [np.concatenate([unit_rows(2, 8), unit_rows(2, 8)[:1]]), unit_rows(9, 8)],
    ids=["repeated row", "more rows than dimensions"],
)
def test_names_that_the_encoder_cannot_tell_apart_are_refused(known):
    with pytest.raises(ValueError, match="not linearly independent"):
        project_on_known_names(known)
