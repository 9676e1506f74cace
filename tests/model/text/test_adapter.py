import torch

from ovd.model.text.adapter import TextAdapter


def test_adapter_gives_unit_length():
    embeds = TextAdapter(12, 4)(torch.randn(5, 12) * 7)

    assert embeds.shape == (5, 4)
    torch.testing.assert_close(embeds.norm(dim=1), torch.ones(5))


def test_adapter_fits_open_clips_mlp_projection():
    names = {name: tuple(p.shape) for name, p in TextAdapter(12, 4).named_parameters()}

    assert names == {"proj.0.weight": (8, 12), "proj.2.weight": (4, 8)}
