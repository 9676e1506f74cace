def test_training_prints_where_the_weights_are(ovd, tmp_path):
    (tmp_path / "tiny.toml").write_text(
        "[model]\nwidth = 32\nencoder_layers = 1\n[schedule]\nsteps = 1\nbatch = 4\n"
    )

    outcome = ovd("train-speller", tmp_path / "tiny.toml", "--out", tmp_path / "out")

    assert outcome.exit_code == 0
    assert outcome.stdout.strip() == str(tmp_path / "out" / "weights.safetensors")
    assert (tmp_path / "out" / "weights.safetensors").exists()


def test_configuration_that_is_missing_is_one_line_and_exit_2(ovd, tmp_path):
    outcome = ovd("train-speller", tmp_path / "none.toml")

    assert outcome.exit_code == 2
    assert "none.toml" in outcome.stderr
    assert outcome.stderr.count("\n") == 1
