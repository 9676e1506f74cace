import numpy as np
import torch

from ovd.model.quantization import SCALE_SUFFIX, arrays_to_float32, quantise_rows, to_float32


def test_rows_of_very_different_size_keep_their_precision():
    weight = torch.tensor([[1e-3, -5e-4, 2.5e-4], [100.0, -50.0, 25.0]])

    rounded, scale = quantise_rows(weight)

    error = (rounded.float() * scale.float()[:, None] - weight).abs().amax(dim=1)
    assert rounded.dtype == torch.int8
    assert (error / weight.abs().amax(dim=1)).max() < 1 / 250


def test_convolution_comes_back_from_the_file_as_it_was():
    weight = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(0)).half()
    rounded, scale = quantise_rows(weight)

    state = to_float32({"conv.weight": rounded, "conv.weight" + SCALE_SUFFIX: scale})

    assert list(state) == ["conv.weight"]
    torch.testing.assert_close(state["conv.weight"], weight.float(), atol=0.02, rtol=0)


def test_row_of_zeros_stays_one():
    rounded, scale = quantise_rows(torch.zeros(2, 3))

    assert not to_float32({"w": rounded, "w" + SCALE_SUFFIX: scale})["w"].any()


def test_other_tensors_keep_their_meaning():
    arrays = {
        "half": np.array([0.5], dtype=np.float16),
        "steps": np.array([3], dtype=np.int64),
        "level.scale": np.array([2.0], dtype=np.float32),
    }

    state = arrays_to_float32(arrays)

    assert state["half"].dtype == state["level.scale"].dtype == torch.float32
    assert state["steps"].dtype == torch.int64
    assert state["level.scale"].item() == 2.0
