from tests.cli.conftest import Ovd

PASSWORD = "correct horse battery"


def test_user_is_added_with_a_password_from_stdin(ovd: Ovd):
    added = ovd(
        "users", "add", "anna", "--role", "admin", "--password-stdin", stdin=PASSWORD + "\n"
    )

    assert (added.exit_code, added.stdout) == (0, "anna  admin\n")
    [listed] = ovd("users", "list", "--json").json()
    assert (listed["name"], listed["role"], listed["cameras"]) == ("anna", "admin", None)
    assert "password" not in listed


def test_password_is_not_taken_from_a_pipe_by_accident(ovd: Ovd):
    refused = ovd("users", "add", "anna", "--role", "admin")

    assert refused.exit_code == 2
    assert "--password-stdin" in refused.stderr


def test_empty_stdin_is_no_password(ovd: Ovd):
    assert ovd("users", "add", "anna", "--password-stdin").exit_code == 2


def test_password_is_changed(ovd: Ovd):
    ovd("users", "add", "anna", "--password-stdin", stdin=PASSWORD)

    assert (
        ovd("users", "passwd", "ANNA", "--password-stdin", stdin="another " + PASSWORD).exit_code
        == 0
    )


def test_user_is_removed(ovd: Ovd):
    ovd("users", "add", "anna", "--password-stdin", stdin=PASSWORD)

    assert ovd("users", "remove", "anna").stdout == "removed anna\n"
    assert ovd("users", "list").stdout == ""


def test_unknown_user_is_bad_input(ovd: Ovd):
    refused = ovd("users", "remove", "anna")

    assert refused.exit_code == 2
    assert refused.stderr.startswith("error[not_found]")


def test_token_is_printed_once_alone(ovd: Ovd):
    made = ovd("tokens", "add", "grafana", "--role", "viewer", "--days", "30", "--camera", "gate")

    assert made.stdout.startswith("ovd_")
    assert made.stdout.count("\n") == 1
    [listed] = ovd("tokens", "list", "--json").json()
    assert made.stdout.startswith(listed["prefix"])
    assert made.stdout.strip() not in ovd("tokens", "list", "--json").stdout
    assert listed["cameras"] == ["gate"]


def test_token_is_revoked(ovd: Ovd):
    ovd("tokens", "add", "grafana")

    assert ovd("tokens", "revoke", "grafana").exit_code == 0
    assert ovd("tokens", "list", "--json").json() == []


def test_audit_log_tells_who_ran_a_command(ovd: Ovd):
    ovd("users", "add", "anna", "--password-stdin", stdin=PASSWORD)

    [entry] = ovd("audit", "--json").json()

    assert (entry["kind"], entry["action"], entry["target"]) == ("command", "users.add", "anna")
