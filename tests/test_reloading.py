from pathlib import Path

import pytest

from ovd.bootstrap import SettingsReloader, add_first_admin, build_access
from ovd.errors import PasswordError, SettingsError
from ovd.settings import ScheduleSettings, Settings
from tests.stages import Stage, stage

__all__ = ["stage"]


def make_reloader(stage: Stage, **changes: object) -> SettingsReloader:
    return SettingsReloader(
        stage.services, lambda: stage.services.settings.model_copy(update=changes)
    )


def test_reload_tells_what_holds_now_and_what_needs_a_start(stage: Stage):
    reloaded = make_reloader(stage, session_idle_h=1.0, keep_counts_days=3.0, port=1).reload()

    assert reloaded.applied == ("keep_counts_days", "session_idle_h")
    assert reloaded.after_restart == ("port",)


def test_what_was_applied_is_not_told_again(stage: Stage):
    reloader = make_reloader(stage, session_idle_h=1.0)
    reloader.reload()

    assert reloader.reload().applied == ()


def test_schedules_of_the_new_settings_run(stage: Stage, tmp_path: Path):
    entry = ScheduleSettings(name="daily", every="daily", at="07:00", tz="UTC", folder=tmp_path)  # type: ignore[arg-type]

    make_reloader(stage, schedules=(entry,)).reload()

    [schedule] = stage.services.scheduled.fixed
    assert schedule.name == "daily"


def test_settings_that_cannot_be_used_change_nothing(stage: Stage):
    def refuse() -> Settings:
        raise SettingsError("unknown setting")

    with pytest.raises(SettingsError):
        SettingsReloader(stage.services, refuse).reload()


def test_first_admin_gets_the_password_of_the_file(stage: Stage, tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    access = stage.services.access

    assert add_first_admin(access, file)

    begun = access.login.sign_in("admin", "correct horse battery", "127.0.0.1")
    assert begun.session.user.name == "admin"


def test_file_is_not_read_where_there_are_users(stage: Stage, tmp_path: Path):
    file = tmp_path / "password"
    file.write_text("correct horse battery")
    add_first_admin(stage.services.access, file)
    file.unlink()

    assert not add_first_admin(build_access(stage.services.store), file)


@pytest.mark.parametrize(("content", "error"), [(None, SettingsError), ("short", PasswordError)])
def test_first_admin_needs_a_file_with_a_password(
    stage: Stage, tmp_path: Path, content: str | None, error: type[Exception]
):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)

    with pytest.raises(error):
        add_first_admin(stage.services.access, file)
