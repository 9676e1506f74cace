import numpy as np
import pytest
import torch

from ovd.model.spelling.edits import Alphabet, EditState
from ovd.model.spelling.network import SpellingNetwork
from ovd.model.spelling.scorer import EditScorer
from ovd.model.spelling.shape import SpellingConfig

ALPHABET = Alphabet("abcde")


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(3)
    made = SpellingNetwork(ALPHABET, SpellingConfig(64, 2, 2)).eval().requires_grad_(False)
    for parameter in made.parameters():
        parameter += 0.1 * torch.randn_like(parameter)  # no zeros, no ones
    return made


def states_along(text, edits):
    states = [EditState()]
    for edit in edits[:-1]:
        states.append(states[-1].after(edit, text, ALPHABET))
    return states


@pytest.mark.parametrize("text", ["a", "abca", "xyz", "abcde" * 9])
def test_reading_agrees_with_the_network(network, text):
    states, wrong = network.to_scorer().read(text)

    expected, logit = network.read(torch.tensor([ALPHABET.encode(text)]))
    np.testing.assert_allclose(states, expected[0].numpy(), atol=1e-5)
    assert wrong == pytest.approx(logit.item(), abs=1e-5)


def test_step_by_step_scores_agree_with_all_steps_of_the_network_at_once(network):
    edits = [0, ALPHABET.insert("d"), ALPHABET.replace("e"), 1, 0, 0]
    steps = states_along("abca", edits)
    scorer = network.to_scorer()
    states, _ = scorer.read("abca")
    memory = scorer.start()

    one_by_one = [scorer.score_next(states, step, memory) for step in steps]

    read, _ = network.read(torch.tensor([ALPHABET.encode("abca")]))
    at_once = network.score(
        read,
        torch.tensor([[step.place for step in steps]]),
        torch.tensor([[step.last_edit for step in steps]]),
        torch.tensor([[step.last_symbol for step in steps]]),
    ).log_softmax(-1)
    np.testing.assert_allclose(np.stack(one_by_one), at_once[0].numpy(), atol=1e-5)


@pytest.mark.parametrize(
    "change",
    [{"edits.bias": np.zeros(3)}, {"more": np.zeros(1)}, {"symbols.weight": np.zeros((2, 64))}],
)
def test_parameters_of_something_else_are_refused(network, change):
    parameters = {name: value.numpy() for name, value in network.state_dict().items()}

    with pytest.raises(ValueError, match="wanted"):
        EditScorer(parameters | change, ALPHABET)
