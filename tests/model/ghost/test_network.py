import pytest
import torch

from ovd.model.ghost.network import GhostConfig, OvGhost, corner_points, corners
from ovd.model.networks import make_network

CONFIG = GhostConfig(width=8, fresh_width=4, embed_dim=6)
PIXELS = torch.rand((2, 3, 64, 128), generator=torch.Generator().manual_seed(0)) * 2 - 1
POINTS = 8 * 16 + 4 * 8 + 2 * 4 + 1 * 2


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    network = OvGhost(CONFIG).eval()
    torch.nn.init.normal_(network.head.fresh_embed.weight)
    return network


def test_ghost_network_gives_an_embedding_and_a_box_per_point(network):
    with torch.no_grad():
        raw = network(PIXELS)

    assert raw.region_embeds.shape == (2, POINTS, 6)
    assert raw.xyxy_norm.shape == (2, POINTS, 4)


def test_scores_for_texts_are_those_of_the_embeddings(network):
    texts = torch.nn.functional.normalize(torch.randn(5, 6), dim=1)

    with torch.no_grad():
        dense = network.predict_dense(PIXELS)
        scores = network.predict_scores(PIXELS, texts)

    logits = network.text_head.similarity(dense.region_embeds, texts)
    torch.testing.assert_close(scores.logits, logits, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(scores.xyxy, dense.xyxy)


def test_points_are_the_upper_left_corners_of_the_cells():
    points, strides = corner_points((64, 128))

    assert len(points) == POINTS
    assert points[1].tolist() == [8.0, 0.0]
    assert points[-1].tolist() == [64.0, 0.0]
    assert strides[-1] == 64


def test_corners_are_expected_distances_times_the_stride():
    bins = torch.full((1, POINTS, 4, 8), -30.0)
    bins[..., 2] = 30.0

    boxes = corners(bins, (PIXELS.shape[2], PIXELS.shape[3]))

    assert boxes[0, -1].tolist() == pytest.approx([64 - 128, -128, 64 + 128, 128])


def test_networks_are_told_apart_by_their_tensors(network):
    made = make_network(network.state_dict())

    assert isinstance(made, OvGhost)
    assert made.config == CONFIG


def test_a_state_of_something_else_makes_no_network():
    with pytest.raises(KeyError):
        make_network({"weight": torch.zeros(1)})
