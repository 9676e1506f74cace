from pathlib import Path

import pytest

from ovd.errors import SettingsError
from ovd.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OVD_{name}".upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_file_and_no_environment():
    settings = load_settings()

    assert settings.detector == "ovdense"
    assert settings.db_url == f"sqlite:///{settings.data_dir / 'ovd.db'}"


def test_stronger_sources_win(monkeypatch, tmp_path):
    (tmp_path / "ovd.toml").write_text('port = 1111\nhost = "0.0.0.0"\nui_language = "ko"\n')
    monkeypatch.setenv("OVD_PORT", "2222")
    monkeypatch.setenv("OVD_UI_LANGUAGE", "en")

    settings = load_settings(port=3333)

    assert (settings.port, settings.ui_language, settings.host) == (3333, "en", "0.0.0.0")


def test_data_dir_decides_where_the_database_is(monkeypatch):
    monkeypatch.setenv("OVD_DATA_DIR", "/data")

    assert load_settings().db_url == f"sqlite:///{Path('/data/ovd.db')}"


def test_unknown_variable_is_refused_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("OVD_DETECTER", "embedded")

    with pytest.raises(SettingsError, match=r"OVD_DETECTER; known: .*OVD_DETECTOR"):
        load_settings()


def test_unknown_key_in_the_file_is_refused(tmp_path):
    (tmp_path / "ovd.toml").write_text('detecter = "embedded"\n')

    with pytest.raises(SettingsError, match="detecter"):
        load_settings()


def test_file_that_is_no_toml_is_refused(tmp_path):
    (tmp_path / "ovd.toml").write_text("port =\n")

    with pytest.raises(SettingsError, match=r"cannot read settings from ovd\.toml"):
        load_settings()


@pytest.mark.parametrize(("name", "value"), [("PORT", "99999"), ("THREADS", "-1"), ("PORT", "web")])
def test_value_out_of_range_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"OVD_{name}", value)

    with pytest.raises(SettingsError, match=name.lower()):
        load_settings()


def test_message_does_not_repeat_a_bad_value(monkeypatch):
    monkeypatch.setenv("OVD_PORT", "hunter2")

    with pytest.raises(SettingsError) as caught:
        load_settings()

    assert "hunter2" not in str(caught.value)


SCHEDULE = """
[[schedules]]
name = "gate-daily"
every = "daily"
at = "07:00"
tz = "Asia/Seoul"
to = ["boss@example.org"]
[mail]
host = "smtp.example.org"
sender = "ovd@example.org"
user = "ovd"
password = "{SMTP_PASSWORD}"
"""


def test_schedule_and_mail_come_from_the_file_and_the_secret_from_the_environment(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    (tmp_path / "ovd.toml").write_text(SCHEDULE)

    settings = load_settings()

    assert (settings.schedules[0].at.hour, settings.schedules[0].bucket) == (7, "1h")
    assert settings.mail.password == "hunter2"
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("at =", "att =", "att"),
        ("Asia/Seoul", "Asia/Soul", "did you mean.*Asia/Seoul"),
        ('"daily"', '"monthly"', "daily"),
        ("07:00", "25:00", "at"),
        ("07:00", "07:00+09:00", "local time"),
        ('to = ["boss@example.org"]', "", "where the report goes"),
        ('name = "gate-daily"', 'name = "gate"\nlanguage = "fr"', "no report language 'fr'"),
        ('name = "gate-daily"', 'name = "gate"\ncompare = "previous"', "csv report holds rows"),
        ("boss@example.org", "boss", "to"),
        ("gate-daily", "../gate", "name"),
        ("[mail]", "[mailer]", "mailer"),
        ("{SMTP_PASSWORD}", "{NO_SUCH_VARIABLE}", "NO_SUCH_VARIABLE"),
        (
            "[mail]",
            '[[schedules]]\nname = "Gate-Daily"\nevery = "daily"\nat = "07:00"\n'
            'tz = "UTC"\nfolder = "out"\n[mail]',
            "names of their own",
        ),
    ],
)
def test_bad_schedule_is_refused(monkeypatch, tmp_path, old, new, message):
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    (tmp_path / "ovd.toml").write_text(SCHEDULE.replace(old, new))

    with pytest.raises(SettingsError, match=message) as caught:
        load_settings()

    assert "hunter2" not in str(caught.value)


def test_file_with_a_byte_order_mark_is_read(tmp_path):
    path = tmp_path / "ovd.toml"
    path.write_text("port = 7999\n", encoding="utf-8-sig")

    assert load_settings(path).port == 7999


def test_root_path_of_a_gradio_host_is_taken_where_ours_is_not_set(monkeypatch):
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/theirs/")
    assert load_settings().root_path == "/theirs"

    monkeypatch.setenv("OVD_ROOT_PATH", "/ours")
    assert load_settings().root_path == "/ours"


@pytest.mark.parametrize("root_path", ["ovd", "https://h/ovd", "/a b"])
def test_root_path_is_a_path(root_path):
    with pytest.raises(SettingsError, match="a path such as /ovd"):
        load_settings(root_path=root_path)
