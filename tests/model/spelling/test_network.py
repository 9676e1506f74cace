import pytest
import torch

from ovd.model.spelling.edits import Alphabet
from ovd.model.spelling.network import SpellingNetwork
from ovd.model.spelling.shape import SpellingConfig, parameter_shapes

ALPHABET = Alphabet("abcde")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return SpellingNetwork(ALPHABET, SpellingConfig(32, 2, 2)).eval().requires_grad_(False)


def test_padding_changes_nothing(network):
    short, long = ALPHABET.encode("ab"), ALPHABET.encode("abcdeab")
    alone, alone_wrong = network.read(torch.tensor([short]))

    padded, wrong = network.read(torch.tensor([short + [0] * (len(long) - len(short)), long]))

    assert torch.allclose(padded[0, : len(short)], alone[0], atol=1e-5)
    assert torch.allclose(wrong[0], alone_wrong[0], atol=1e-5)


def test_later_steps_do_not_change_earlier_ones(network):
    read, _ = network.read(torch.tensor([ALPHABET.encode("abc")]))
    zeros = torch.zeros(1, 3, dtype=torch.long)
    other_end = torch.tensor([[0, 0, 1]])

    first = network.score(read, zeros, zeros, zeros)
    second = network.score(read, other_end, other_end, other_end)

    assert torch.allclose(first[:, :2], second[:, :2], atol=1e-6)
    assert not torch.allclose(first[:, 2], second[:, 2], atol=1e-3)


@pytest.mark.parametrize("sizes", [(16, 1, 1), (48, 1, 1), (32, 0, 1), (32, 1, 0)])
def test_sizes_that_make_no_network_are_refused(sizes):
    with pytest.raises(ValueError, match=r"width|layer"):
        SpellingConfig(*sizes)


def test_parameters_have_the_shapes_that_are_declared(network):
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}

    assert shapes == parameter_shapes(ALPHABET, SpellingConfig(32, 2, 2))
