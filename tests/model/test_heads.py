import pytest
import torch
import torch.nn.functional as F

from ovd.model.heads import KnownNamesHead
from ovd.model.text.encoder import TableEncoder
from ovd.model.weights import WeightsRole, load_weights


def unit_rows(count: int, dim: int, seed: int = 0) -> torch.Tensor:
    rows = torch.randn(count, dim, generator=torch.Generator().manual_seed(seed))
    return F.normalize(rows, dim=-1)


@pytest.mark.weights
def test_head_gives_the_logits_of_the_closed_head_for_all_80_names(weights_dir, recorded):
    table = load_weights(weights_dir, "embedded", WeightsRole.TEXT_EMBEDDINGS)
    known = torch.from_numpy(TableEncoder(table).embed(table.names))
    evidence = torch.from_numpy(recorded["logits"]).float().unsqueeze(0)
    head = KnownNamesHead(known)

    logits = head.similarity(evidence, head.project_text(known))

    assert logits.shape[-1] == 80
    torch.testing.assert_close(logits, evidence, atol=1e-4, rtol=0)


def test_region_embedding_in_text_space_gives_the_same_logit():
    known = unit_rows(6, 20)
    evidence = torch.randn(1, 4, 6, generator=torch.Generator().manual_seed(1))
    head = KnownNamesHead(known)
    anything = unit_rows(3, 20, seed=2)

    in_text_space = evidence @ head.text_map.T

    torch.testing.assert_close(in_text_space @ known.T, evidence, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        head.similarity(evidence, head.project_text(anything)), in_text_space @ anything.T
    )


def test_text_outside_of_the_known_ones_scores_zero():
    known = torch.eye(5)[:3]
    head = KnownNamesHead(known)

    logits = head.similarity(torch.full((1, 1, 3), 7.0), head.project_text(torch.eye(5)[4:]))

    assert logits.item() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    "known",
    [torch.cat([unit_rows(2, 8), unit_rows(2, 8)[:1]]), unit_rows(9, 8)],
    ids=["repeated row", "more rows than dimensions"],
)
def test_head_refuses_names_that_the_encoder_cannot_tell_apart(known):
    with pytest.raises(ValueError, match="not linearly independent"):
        KnownNamesHead(known)
