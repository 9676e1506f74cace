import numpy as np
import torch
import torch.nn.functional as F

from ovd.model.text.layers import attend, gelu, layer_norm, log_softmax

X = np.random.default_rng(0).normal(0, 3, (2, 5, 8)).astype(np.float32)


def test_gelu_agrees_with_torch_far_out_and_near_zero():
    x = np.concatenate([np.linspace(-12, 12, 4001), [0.0, -0.0, 1e-8]]).astype(np.float32)

    np.testing.assert_allclose(gelu(x), F.gelu(torch.from_numpy(x)).numpy(), atol=1e-6)
    assert gelu(x).dtype == np.float32


def test_layer_norm_agrees_with_torch():
    weight, bias = X[0, 0], X[0, 1]

    normed = layer_norm(X, weight, bias, 1e-5)

    expected = F.layer_norm(
        torch.from_numpy(X), (8,), torch.from_numpy(weight), torch.from_numpy(bias), 1e-5
    )
    np.testing.assert_allclose(normed, expected.numpy(), atol=1e-5)


def test_log_softmax_agrees_with_torch_also_of_large_values():
    large = 100 * X

    expected = torch.from_numpy(large).log_softmax(-1).numpy()
    np.testing.assert_allclose(log_softmax(large), expected, atol=1e-4)


def test_attention_agrees_with_torch():
    mask = np.where(np.arange(5) < 3, 0.0, -1e9).astype(np.float32)

    seen = attend(X, X + 1, X * 2, mask)

    tensors = map(torch.from_numpy, (X, X + 1, X * 2))
    expected = F.scaled_dot_product_attention(*tensors, attn_mask=torch.from_numpy(mask))
    np.testing.assert_allclose(seen, expected.numpy(), atol=1e-5)
