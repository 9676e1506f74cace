import csv
import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ovd.errors import DatasetError, SettingsError, WeightsError
from ovd.model.ovssd import OvSsd, OvSsdConfig
from ovd.training.engine.checkpoint import read_tensors
from ovd.training.engine.run import (
    RunOptions,
    load_run_config,
    load_ssd,
    load_teacher,
    train,
    write_teacher_labels,
)
from ovd.training.packaging.calibration import Calibration
from ovd.training.packaging.export import ExportRequest, export_detector
from ovd.training.teacher.labeller import LabellerConfig
from ovd.training.teacher.pseudo_labels import load_pseudo_labels
from ovd.training.text.sentence_features import SentenceEncoder, find_features
from tests.model.towers import WIDTH, write_tower
from tests.training.datasets import write_dataset
from tests.training.sentence_builders import write_sentence_encoder

CONFIG = """
[data]
folder = "{folder}"
annotations = "*.json"
images = "."

[text]
encoder = "{encoder}"
anchors = ""

[phrases]
count = 12

[model]
width = 8
embed_dim = 8
teacher = ""

[schedule]
images = {images}
batch = 2
min_side_px = 64
max_side_px = 64
max_area_px = 4096
warmup_images = 2
decay_share = 0.0

[plan]
workers = 0
log_steps = 1
"""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    return write_sentence_encoder(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def write_config(tmp_path, encoder):
    rows = [("car", [10, 10, 30, 20]), ("person", [40, 10, 20, 40])]
    write_dataset(tmp_path / "data", "gate", {f"{i}.jpg": rows for i in range(4)})

    def write(images):
        path = tmp_path / f"run_{images}.toml"
        path.write_text(CONFIG.format(folder=tmp_path / "data", encoder=encoder, images=images))
        return path

    return write


def test_training_writes_weights_and_a_curve(tmp_path, write_config):
    weights = train(write_config(4), tmp_path / "out", RunOptions(command="ovd train run.toml"))

    tensors, facts = read_tensors(weights)
    assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    assert (facts["step"], facts["images"]) == (2, 4)
    assert facts["command"] == "ovd train run.toml"
    assert facts["names"] == ["car", "person"]
    assert len(facts["data_sha256"]["gate"]) == 64
    rows = list(csv.DictReader((tmp_path / "out" / "curve.csv").read_text().splitlines()))
    assert [row["images"] for row in rows] == ["2", "4"]
    assert all(float(row["loss"]) > 0 for row in rows)
    assert (tmp_path / "out" / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_run_reports_its_progress(tmp_path, write_config):
    seen = []

    options = RunOptions(on_step=lambda progress: seen.append(progress.images))
    train(write_config(4), tmp_path / "out", options)

    assert seen == [2, 4]


def test_captions_are_part_of_a_run(tmp_path, write_config):
    path = write_config(4)
    captions = {"train": {f"{i}.jpg": ["a gate by a wall"] for i in range(4)}, "val": {}}
    (tmp_path / "data" / "captions").mkdir()
    (tmp_path / "data" / "captions" / "train.json").write_text(json.dumps(captions))
    text = path.read_text().replace("[text]", 'captions = "captions/train.json"\n\n[text]')
    path.write_text(text.replace("[schedule]", "[captions]\nmin_images = 1\n\n[schedule]"))

    train(path, tmp_path / "out")

    with np.load(tmp_path / "out" / "sentences.npz") as cache:
        assert {"gate", "wall"} <= set(cache["phrases"].tolist())


def test_device_that_is_not_there_is_refused(tmp_path, write_config):
    with pytest.raises(SettingsError, match="'no such device' here; try cpu"):
        train(write_config(4), tmp_path / "out", RunOptions(device="no such device"))


def test_text_encoder_can_be_chosen_for_a_run(tmp_path, write_config, encoder):
    path = write_config(4)
    path.write_text(path.read_text().replace(str(encoder), "nowhere"))

    weights = train(path, tmp_path / "out", RunOptions(text_encoder=write_tower(tmp_path / "clip")))

    tensors, facts = read_tensors(weights)
    assert tensors["adapter.proj.0.weight"].shape[1] == WIDTH
    assert facts["config"]["text"]["encoder"] == f"local-dir:{tmp_path / 'clip'}"


def test_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path, write_config):
    straight = train(write_config(8), tmp_path / "straight")
    train(write_config(4), tmp_path / "broken")
    resumed = train(write_config(8), tmp_path / "broken")

    expected, got = read_tensors(straight)[0], read_tensors(resumed)[0]
    assert expected.keys() == got.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(got[name], tensor, atol=1e-3, rtol=1e-3)


def test_run_from_calibrated_weights_starts_as_from_those_before(tmp_path, write_config, encoder):
    weights = train(write_config(4), tmp_path / "first")
    sentences = SentenceEncoder(find_features(str(encoder), tmp_path), tmp_path / "cache.npz")
    request = ExportRequest(weights, ("car",), Calibration(slope=2.6, offset=-0.4))
    shipped, _ = export_detector(request, sentences, tmp_path / "shipped")
    losses = []

    for start in (weights, shipped):
        config = write_config(2)
        resume = f'resume_weights = "{start}"\n'
        config.write_text(config.read_text().replace("[model]\n", f"[model]\n{resume}"))
        out = tmp_path / start.parent.name / "next"
        train(config, out)
        row = next(csv.DictReader((out / "curve.csv").read_text().splitlines()))
        losses.append(float(row["loss"]))

    assert losses[0] == pytest.approx(losses[1], rel=2e-3)


def test_run_may_start_from_the_mean_of_two(tmp_path, write_config):
    config = write_config(4)
    text = config.read_text()
    runs = []
    for seed in (1, 2):
        config.write_text(text.replace("[schedule]", f"[schedule]\nseed = {seed}"))
        runs.append(train(config, tmp_path / f"seed_{seed}"))
    start = f'[model]\nresume_weights = "{runs[0]}"\naverage_with = "{runs[1]}"\n'
    still = text.replace("[model]", f"{start}average_share = 0.25")
    config.write_text(still.replace("[schedule]", "[schedule]\nrate = 0.0\nema_steps = 1"))

    mean, _ = read_tensors(train(config, tmp_path / "mean"))

    (first, _), (second, _) = map(read_tensors, runs)
    for name in ("network.neck.laterals.0.weight", "adapter.proj.2.weight"):
        assert not torch.equal(first[name], second[name])
        wanted = 0.75 * first[name].float() + 0.25 * second[name].float()
        torch.testing.assert_close(mean[name].float(), wanted, atol=2e-3, rtol=1e-2)


def test_mean_needs_a_first(tmp_path, write_config):
    config = write_config(4)
    config.write_text(config.read_text().replace("[model]", '[model]\naverage_with = "run"'))

    with pytest.raises(SettingsError, match="average_with needs resume_weights"):
        train(config, tmp_path / "out")


def test_damaged_state_stops_the_run(tmp_path, write_config):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "state.pt").write_bytes(b"cut off")

    with pytest.raises(WeightsError, match=r"state\.pt"):
        train(write_config(4), tmp_path / "out")


def test_pattern_that_matches_nothing_is_refused(tmp_path, write_config):
    path = write_config(4)
    path.write_text(path.read_text().replace("*.json", "*_train.json"))

    with pytest.raises(DatasetError, match=r"'\*_train.json' below"):
        train(path, tmp_path / "out")


def test_teacher_must_be_an_ssd(tmp_path):
    with pytest.raises(WeightsError, match="cannot read"):
        load_ssd(tmp_path / "none.safetensors")


def write_ssd(path, names=("car", "dog")):
    ssd = OvSsd(OvSsdConfig(region_dim=2))
    ssd.priors[:] = torch.tensor([0.5, 0.5, 0.4, 0.4])
    save_file(ssd.state_dict(), path, {"ovd": json.dumps({"names": names})})
    return path


def test_teacher_writes_the_labels_its_run_will_read(tmp_path, write_config):
    labels, ssd = tmp_path / "pseudo.json", write_ssd(tmp_path / "ssd.safetensors")
    path = write_config(4)
    text = path.read_text().replace('images = "."', f'images = "."\npseudo_labels = "{labels}"')
    path.write_text(text.replace('teacher = ""', f'teacher = "{ssd}"'))

    count = write_teacher_labels(path, LabellerConfig(tiles=False, min_score=0.0))

    found = load_pseudo_labels(labels)
    assert sorted(found) == [f"gate/{i}.jpg" for i in range(4)]
    assert count == sum(len(record.boxes) for record in found.values()) > 0


def test_pseudo_labels_need_a_teacher_and_a_place(write_config):
    with pytest.raises(SettingsError, match=r"data\.pseudo_labels, model\.teacher"):
        write_teacher_labels(write_config(4))


def distil_from(path, teacher):
    text = path.read_text().replace('teacher = ""', f'teacher = "{teacher}"')
    path.write_text(text + "\n[loss]\ndistill = 0.5\n\n[distill]\nmin_score = 0.0\n")
    return path


def test_run_distils_from_its_teacher(tmp_path, write_config):
    ssd = write_ssd(tmp_path / "ssd.safetensors", ("car", "person"))
    path = distil_from(write_config(4), ssd)

    train(path, tmp_path / "out")

    lines = list(csv.DictReader((tmp_path / "out" / "curve.csv").read_text().splitlines()))
    assert all(float(line["distill"]) > 0 for line in lines)


def test_names_held_out_are_not_distilled(tmp_path, write_config):
    path = distil_from(write_config(4), write_ssd(tmp_path / "ssd.safetensors"))
    path.write_text(path.read_text().replace("[data]", '[data]\nhold_out = ["dog"]'))

    teacher = load_teacher(load_run_config(path))

    assert teacher is not None
    assert teacher.names == ("car",)


def test_distillation_needs_a_teacher(tmp_path, write_config):
    path = write_config(4)
    path.write_text(path.read_text() + "\n[loss]\ndistill = 0.5\n")

    with pytest.raises(SettingsError, match=r"loss\.distill .* needs model\.teacher"):
        train(path, tmp_path / "out")
