import pytest
import torch

from ovd.model.spelling.edits import Alphabet, EditState
from ovd.model.spelling.network import Memory, SpellingConfig, SpellingNetwork

ALPHABET = Alphabet("abcde")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    return SpellingNetwork(ALPHABET, SpellingConfig(32, 2, 2)).eval().requires_grad_(False)


def states_along(text, edits):
    states = [EditState()]
    for edit in edits[:-1]:
        states.append(states[-1].after(edit, text, ALPHABET))
    return states


def test_step_by_step_scores_equal_those_of_all_steps_at_once(network):
    edits = [0, ALPHABET.insert("d"), ALPHABET.replace("e"), 1, 0, 0]
    states = states_along("abca", edits)
    read, _ = network.read(torch.tensor([ALPHABET.encode("abca")]))
    memory = Memory(2)

    one_by_one = [
        network.score_next(read[0, state.place], state.last_edit, state.last_symbol, memory)
        for state in states
    ]

    at_once = network.score(
        read,
        torch.tensor([[state.place for state in states]]),
        torch.tensor([[state.last_edit for state in states]]),
        torch.tensor([[state.last_symbol for state in states]]),
    )
    assert torch.allclose(at_once[0], torch.stack(one_by_one), atol=1e-5)


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
