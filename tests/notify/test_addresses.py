import pytest

from ovd.errors import TargetError
from ovd.notify.addresses import TargetKind, WebhookTemplate, parse_target_url, recipients_of


@pytest.mark.parametrize(
    ("url", "template", "shown"),
    [
        ("https://example.org/hooks/s3cret", "ovd", "https://example.org/..."),
        ("http://user:s3cret@[::1]:8080/?key=s3cret", "ovd", "http://[::1]:8080/..."),
        (
            "https://hooks.slack.com/services/T/B/s3cret",
            "slack",
            "https://hooks.slack.com/... (slack)",
        ),
        (
            "https://discord.com/api/webhooks/1/s3cret",
            "discord",
            "https://discord.com/... (discord)",
        ),
        (
            "https://acme.webhook.office.com/s3cret",
            "teams",
            "https://acme.webhook.office.com/... (teams)",
        ),
        ("slack+https://chat.example.org/s3cret", "slack", "https://chat.example.org/... (slack)"),
        ("ovd+https://discord.com/s3cret", "ovd", "https://discord.com/..."),
    ],
)
def test_webhook_form_follows_from_the_host_or_is_named(url, template, shown):
    address = parse_target_url(url)

    assert (address.kind, address.template) == (TargetKind.WEBHOOK, WebhookTemplate(template))
    assert address.redacted == shown


def test_mail_has_recipients():
    address = parse_target_url("mailto:ops@example.org, boss@example.org")

    assert address.kind is TargetKind.MAIL
    assert recipients_of(address) == ("ops@example.org", "boss@example.org")


def test_other_schemes_are_for_apprise_and_show_nothing():
    address = parse_target_url("tgram://123:s3cret/42")

    assert (address.kind, address.redacted) == (TargetKind.APPRISE, "tgram://...")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ops",
        "https://",
        "https://host:port/",
        "fax+https://example.org/",
        "mailto:ops",
        "mailto:a@b,c",
        "file:x",
        "https://example.org/\n",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_what_cannot_be_sent_to_is_refused(url):
    with pytest.raises(TargetError):
        parse_target_url(url + "\x00" if url.endswith("\n") else url)
