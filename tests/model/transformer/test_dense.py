import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from ovd.model.transformer.dense import DenseAttention, count_operations


def test_attention_equals_that_of_torch():
    torch.manual_seed(0)
    ours = DenseAttention(8, 2)
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    parts = (ours.queries, ours.keys, ours.values)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in parts]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in parts]))
        theirs.out_proj.weight.copy_(ours.output.weight)
        theirs.out_proj.bias.copy_(ours.output.bias)
    queries, tokens = torch.randn(2, 3, 8), torch.randn(2, 5, 8)
    allowed = torch.tensor([[True] * 5, [True, False, True, False, True], [True] * 5])

    found = ours(queries, tokens, tokens, allowed)

    wanted, _ = theirs(queries, tokens, tokens, attn_mask=~allowed)
    torch.testing.assert_close(found, wanted)


def test_operations_are_those_of_the_stated_formula():
    attention = DenseAttention(16, 4)

    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        attention(torch.randn(1, 7, 16), torch.randn(1, 9, 16), torch.randn(1, 9, 16))

    assert count_operations(16, queries=7, tokens=9) == counter.get_total_flops() // 2


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="3 heads do not divide a width of 8"):
        DenseAttention(8, 3)
