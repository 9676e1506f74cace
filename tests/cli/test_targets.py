from tests.cli.conftest import Ovd
from tests.http_receiver import Answer, HttpReceiver

URL = "https://example.org/hooks/s3cret"


def test_target_is_listed_without_its_secrets(ovd: Ovd):
    added = ovd("targets", "add", "ops", URL, "--secret-stdin", stdin="s3cret\n")

    assert added.stdout == "ops  https://example.org/...\n"
    listed = ovd("targets", "list", "--json")
    [target] = listed.json()
    assert (target["name"], target["has_secret"], target["fixed"]) == ("ops", True, False)
    assert "s3cret" not in listed.stdout + ovd("targets", "list").stdout


def test_target_takes_a_test_message(ovd: Ovd):
    with HttpReceiver() as receiver:
        ovd("targets", "add", "ops", receiver.url, "--language", "ko")

        tested = ovd("targets", "test", "OPS")

        assert (tested.exit_code, tested.stdout) == (0, "ops took the message\n")
        assert b'"type": "test"' in receiver.received[0].body


def test_target_that_refuses_is_an_error(ovd: Ovd):
    with HttpReceiver() as receiver:
        receiver.answers.append(Answer(410))
        ovd("targets", "add", "ops", receiver.url)

        tested = ovd("targets", "test", "ops")

    assert tested.exit_code == 1
    assert tested.stderr.startswith("error[delivery_failed]")


def test_target_is_removed(ovd: Ovd):
    ovd("targets", "add", "ops", URL)

    assert ovd("targets", "remove", "ops").stdout == "removed ops\n"
    assert ovd("targets", "list").stdout == ""
    assert ovd("targets", "remove", "ops").stderr.startswith("error[unknown_target]")


def test_name_and_address_are_checked(ovd: Ovd):
    ovd("targets", "add", "ops", URL)

    assert "choose another name" in ovd("targets", "add", "Ops", URL).stderr
    assert "mqtt" in ovd("targets", "add", "mqtt", URL).stderr
    assert ovd("targets", "add", "new", "nonsense").exit_code == 2
    assert "mail needs a server" in ovd("targets", "add", "new", "mailto:a@b.c").stderr
    assert "no secret came" in ovd("targets", "add", "new", URL, "--secret-stdin").stderr


def test_nothing_is_undelivered_at_first(ovd: Ovd):
    assert ovd("targets", "undelivered").stdout == ""
    assert ovd("targets", "undelivered", "--resend").stdout == "0 messages wait again\n"
    assert ovd("targets", "undelivered", "--drop").stdout == "0 messages were dropped\n"


def test_changes_are_in_the_audit_log(ovd: Ovd):
    ovd("targets", "add", "ops", URL)

    audit = ovd("audit", "--json").stdout
    assert "targets.add" in audit
    assert "s3cret" not in audit
