import pytest
import torch

from ovd.model.transformer.decoder import (
    BoxHead,
    Decoder,
    DecoderConfig,
    ObjectQueries,
    attention_map,
)
from ovd.model.transformer.deformable import AttentionShape, SampledPoints
from ovd.model.transformer.encoder import TokenMaps
from ovd.model.transformer.positions import cell_centres

SIZES = ((4, 4), (2, 2))
SHAPE = AttentionShape(width=8, heads=2, levels=2, points=2)


def make_maps():
    tokens = torch.randn(2, 20, 8, generator=torch.Generator().manual_seed(0))
    return TokenMaps(tokens, torch.zeros(20, 8), cell_centres(SIZES, 0.5), SIZES)


def make_queries():
    generator = torch.Generator().manual_seed(1)
    return ObjectQueries(
        torch.randn(2, 3, 8, generator=generator),
        0.3 + 0.4 * torch.rand(2, 3, 4, generator=generator),
    )


def make_decoder(**changes):
    torch.manual_seed(0)
    decoder = Decoder(SHAPE, DecoderConfig(**({"inner": 16, "layers": 2} | changes)))
    for box in decoder.boxes:
        torch.nn.init.normal_(box.change.weight)
    return decoder


def test_box_head_starts_by_moving_nothing():
    boxes = make_queries().cxcywh_norm

    torch.testing.assert_close(BoxHead(8)(torch.randn(2, 3, 8), boxes), boxes)


@pytest.mark.parametrize("dense", [False, True])
def test_decoder_gives_queries_after_each_layer(dense):
    after, reads = make_decoder(dense=dense)(make_queries(), make_maps())

    assert [queries.cxcywh_norm.shape for queries in after] == [(2, 3, 4)] * 2
    assert len(reads) == (0 if dense else 2)


def test_refinement_goes_on_from_the_box_before():
    first, last = make_decoder(layers=1), make_decoder(layers=2)
    start = make_queries()

    refined = last(start, make_maps())[0]

    head = last.boxes[1]
    from_before = head(refined[1].content, refined[0].cxcywh_norm)
    torch.testing.assert_close(refined[1].cxcywh_norm, from_before)
    assert len(first(start, make_maps())[0]) == 1


def test_without_refinement_every_layer_moves_the_first_box():
    decoder = make_decoder(refine=False)
    start = make_queries()

    after, _ = decoder(start, make_maps())

    from_start = decoder.boxes[1](after[1].content, start.cxcywh_norm)
    torch.testing.assert_close(after[1].cxcywh_norm, from_start)


def test_queries_do_not_read_those_they_may_not():
    decoder = make_decoder()
    queries = make_queries()
    other = ObjectQueries(queries.content.clone(), queries.cxcywh_norm)
    other.content[:, 2] += 1.0
    allowed = torch.tensor([[True, True, False], [True, True, False], [True, True, True]])

    found = decoder(queries, make_maps(), allowed)[0][-1].content
    changed = decoder(other, make_maps(), allowed)[0][-1].content

    assert torch.equal(found[:, :2], changed[:, :2])
    assert not torch.equal(found[:, 2], changed[:, 2])


def test_attention_map_gives_each_weight_to_the_cells_around_its_point():
    centre_of_cell_5 = torch.tensor([1.5 / 4, 1.5 / 4])
    locations = centre_of_cell_5.expand(1, 1, 1, 2, 1, 2)
    weights = torch.tensor([0.75, 0.25]).view(1, 1, 1, 2, 1)
    maps = TokenMaps(torch.zeros(1, 20, 8), torch.zeros(20, 8), cell_centres(SIZES, 0.5), SIZES)

    found = attention_map((SampledPoints(locations, weights),) * 2, maps, 0.5)

    wanted = torch.zeros(20)
    wanted[5] = 1.5
    wanted[16:] = 0.5 * torch.tensor([0.5625, 0.1875, 0.1875, 0.0625])
    torch.testing.assert_close(found[0], wanted)
