from tests.cli.conftest import Ovd


def test_changes_by_commands_are_in_the_audit_log(ovd: Ovd):
    ovd("cameras", "add", "gate", "rtsp://bo:hunter2@192.0.2.7/1", "-q", "person")
    ovd("queries", "add", "person")
    ovd("queries", "remove", "person")
    ovd("cameras", "remove", "gate")

    shown = ovd("audit", "--json")

    assert [(entry["action"], entry["target"]) for entry in reversed(shown.json())] == [
        ("cameras.add", "gate"),
        ("queries.add", "person"),
        ("queries.remove", "person"),
        ("cameras.remove", "gate"),
    ]
    assert "hunter2" not in shown.stdout
