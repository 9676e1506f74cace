import hashlib
import json

import pytest
import torch
from safetensors.torch import save_file

from ovd.errors import WeightsChecksumError, WeightsError
from ovd.model.spelling.edits import DROP, KEEP, Alphabet
from ovd.model.spelling.network import SpellingNetwork
from ovd.model.spelling.shape import MAX_LETTERS, SpellingConfig
from ovd.model.spelling.speller import Speller, load_speller

ALPHABET = Alphabet("abcㅏ")


def make_network(edit_bias=None, wrong_bias=5.0):
    """A network that makes the same edit everywhere, whatever it reads."""
    torch.manual_seed(0)
    network = SpellingNetwork(ALPHABET, SpellingConfig(32, 1, 1))
    torch.nn.init.zeros_(network.edits.weight)
    torch.nn.init.zeros_(network.edits.bias)
    torch.nn.init.zeros_(network.is_wrong.weight)
    torch.nn.init.constant_(network.is_wrong.bias, wrong_bias)
    for edit, bias in (edit_bias or {}).items():
        network.edits.bias.data[edit] = bias
    return network


def make_speller(edit_bias=None, wrong_bias=5.0):
    return Speller(make_network(edit_bias, wrong_bias).to_scorer())


def write_weights(folder, network, names="abcㅏ", file="speller.safetensors"):
    tensors = {f"network.{name}": tensor.half() for name, tensor in network.state_dict().items()}
    save_file(tensors, folder / file, {"ovd": json.dumps({"names": list(names)})})
    content = (folder / file).read_bytes()
    (folder / "manifest.toml").write_text(
        f'[[weights]]\nfile = "{file}"\nrole = "speller"\nused_by = ["speller"]\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\nsize = {len(content)}\n'
        'licence = "Apache-2.0"\norigin = "a test"\n'
    )


def test_edits_are_applied_with_the_product_of_their_probabilities():
    replace = ALPHABET.replace("b")
    speller = make_speller({replace: 4.0, KEEP: 3.0})

    found = speller.correct("aa")

    scores = torch.zeros(ALPHABET.edits)
    scores[replace], scores[KEEP] = 4.0, 3.0
    chance = scores.softmax(0)
    assert found.text == "bb"
    assert found.confidence == pytest.approx((chance[replace] ** 2 * chance[KEEP]).item(), rel=1e-4)


def test_text_that_is_kept_or_looks_right_is_left_alone():
    assert make_speller({KEEP: 9.0}).correct("abca") is None
    assert make_speller({ALPHABET.replace("b"): 9.0}, wrong_bias=-9.0).correct("aa") is None


@pytest.mark.parametrize("text", ["", "a" * (MAX_LETTERS + 1)])
def test_text_of_unusable_length_is_left_alone(text):
    assert make_speller({ALPHABET.replace("b"): 9.0}).correct(text) is None


def test_dropping_everything_is_no_correction():
    assert make_speller({DROP: 9.0}).correct("abc") is None


def test_endless_insertion_ends_without_confidence():
    found = make_speller({ALPHABET.insert("c"): 9.0}).correct("a")

    assert found.confidence == 0.0


def test_speller_loads_through_the_manifest(tmp_path):
    network = make_network({ALPHABET.replace("ㅏ"): 9.0})
    write_weights(tmp_path, network)

    assert load_speller(tmp_path).correct("ab").text == "ㅏㅏ"


def test_changed_weights_are_refused(tmp_path):
    write_weights(tmp_path, make_network())
    with (tmp_path / "speller.safetensors").open("ab") as file:
        file.write(b"x")

    with pytest.raises(WeightsChecksumError, match=r"speller\.safetensors"):
        load_speller(tmp_path)


def test_weights_of_another_alphabet_are_refused(tmp_path):
    write_weights(tmp_path, make_network(), names="ab")

    with pytest.raises(WeightsError, match="holds no spelling network"):
        load_speller(tmp_path)


def test_weights_of_something_else_are_refused(tmp_path):
    write_weights(tmp_path, torch.nn.Linear(2, 2))

    with pytest.raises(WeightsError, match="holds no spelling network"):
        load_speller(tmp_path)


@pytest.mark.weights
def test_the_speller_that_ships_corrects_a_typo_and_keeps_a_word(weights_dir):
    speller = load_speller(weights_dir)

    corrected = speller.correct("trafic light")

    assert corrected is not None
    assert corrected.text == "traffic light"
    assert speller.correct("person") is None
