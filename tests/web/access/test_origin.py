import pytest
from starlette.types import Scope

from ovd.errors import ForeignOriginError, SettingsError
from ovd.web.access.origin import (
    apply_origin,
    is_loopback,
    parse_networks,
    read_origin,
    require_same_origin,
)

LOCAL = parse_networks(["127.0.0.1", "10.0.0.0/8"])


def make_scope(client: str = "127.0.0.1", **headers: str) -> Scope:
    named = {"host": "localhost:7860"} | {key.replace("_", "-"): v for key, v in headers.items()}
    return {
        "type": "http",
        "scheme": "http",
        "method": "POST",
        "client": (client, 1),
        "headers": [(key.encode(), value.encode()) for key, value in named.items()],
    }


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "::ffff:127.0.0.1"]
)
def test_names_of_this_machine_are_loopback(host: str):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "192.0.2.1", "localhost.evil.example", "ovd", "127.evil"]
)
def test_other_names_are_not_loopback(host: str):
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["localhost:7860", "127.0.0.1", "[::1]:7860", "[::1]"])
def test_request_of_this_machine_to_itself_is_loopback(host: str):
    assert read_origin(make_scope(host=host), LOCAL).is_loopback


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "ovd.example"},
        {"host": "evil.example:7860"},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
)
def test_request_through_a_proxy_or_to_another_name_is_not(headers: dict[str, str]):
    assert not read_origin(make_scope(**headers), LOCAL).is_loopback


def test_forwarded_headers_of_a_trusted_proxy_are_believed():
    scope = make_scope(
        x_forwarded_for="203.0.113.9, 198.51.100.7, 10.1.1.1",
        x_forwarded_host="ovd.example",
        x_forwarded_proto="https",
    )

    origin = read_origin(scope, LOCAL)

    assert (origin.address, origin.host, origin.scheme) == ("198.51.100.7", "ovd.example", "https")


def test_forwarded_headers_of_anyone_else_are_not():
    scope = make_scope("192.0.2.1", x_forwarded_for="127.0.0.1", x_forwarded_host="localhost")

    origin = read_origin(scope, LOCAL)

    assert (origin.address, origin.host) == ("192.0.2.1", "localhost:7860")


def test_nothing_behind_the_check_sees_forwarded_headers():
    scope = make_scope(x_forwarded_host="evil.example", x_forwarded_proto="https")

    apply_origin(scope, read_origin(scope, LOCAL))

    assert [name for name, _ in scope["headers"]] == [b"host"]
    assert scope["scheme"] == "https"


@pytest.mark.parametrize(
    "host", ["", "a b", "evil.example/path", "a\r\nb", "x" * 300, "user@host", "h:port"]
)
def test_malformed_host_is_refused(host: str):
    with pytest.raises(ForeignOriginError):
        read_origin(make_scope(host=host), LOCAL)


def test_second_host_header_is_refused():
    scope = make_scope()
    scope["headers"].append((b"host", b"evil.example"))

    with pytest.raises(ForeignOriginError):
        read_origin(scope, LOCAL)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://localhost:7860.evil.example"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_page_of_another_site_is_refused(headers: dict[str, str]):
    scope = make_scope(**headers)

    with pytest.raises(ForeignOriginError):
        require_same_origin(scope, read_origin(scope, LOCAL))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:7860", "sec_fetch_site": "same-origin"},
        {"origin": "https://ovd.example", "host": "ovd.example"},
        {"origin": "http://ovd.example", "host": "ovd.example:80"},
    ],
)
def test_page_of_ours_may_ask(headers: dict[str, str]):
    scope = make_scope(**headers)

    require_same_origin(scope, read_origin(scope, LOCAL))


def test_proxy_that_is_no_address_is_a_bad_setting():
    with pytest.raises(SettingsError, match="trusted_proxies"):
        parse_networks(["proxy.example"])
