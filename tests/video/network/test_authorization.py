import re

import pytest

from ovd.video.network.authorization import Login, authorize, login_of, parse_challenges
from ovd.video.uri import SourceUri

MUFASA = Login("Mufasa", "Circle of Life")


def test_login_is_decoded_and_not_shown():
    login = login_of(SourceUri.parse("rtsp://me%40home:a%2Fb%3Ac%2541@h/1"))

    assert login is not None
    assert (login.user, login.password) == ("me@home", "a/b:c%41")
    assert "a/b" not in repr(login)


def test_challenges_of_several_headers_and_of_one_are_told_apart():
    challenges = parse_challenges(
        [
            'Digest realm="a, b", nonce="1", algorithm=SHA-256, Digest realm="c", nonce="2"',
            "Basic x=y",
        ]
    )

    assert [(item.scheme, item.algorithm) for item in challenges] == [
        ("digest", "SHA-256"),
        ("digest", "MD5"),
        ("basic", "MD5"),
    ]
    assert challenges[0].parameters["realm"] == "a, b"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_digest_is_that_of_the_standard(monkeypatch, algorithm, response):
    """The example of RFC 7616, 3.9.1."""
    nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("ovd.video.network.authorization.secrets.token_hex", lambda _: nonce)
    challenges = parse_challenges(
        [
            'Digest realm="http-auth@example.org", qop="auth, auth-int", '
            f'algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        ]
    )

    answer = authorize(challenges, MUFASA, "GET", "/dir/index.html")

    assert answer is not None
    assert re.search(r'response="(\w+)"', answer)[1] == response  # type: ignore[index]


def test_digest_without_protection_is_the_old_one():
    challenges = parse_challenges(['Digest realm="camera", nonce="abc"'])

    answer = authorize(challenges, Login("v", "x"), "DESCRIBE", "rtsp://h/1")

    assert answer is not None
    assert "qop" not in answer
    assert 'username="v"' in answer


def test_strongest_challenge_is_answered():
    challenges = parse_challenges(
        [
            'Basic realm="c"',
            'Digest realm="c", nonce="1"',
            'Digest realm="c", nonce="1", algorithm=SHA-256',
        ]
    )

    answer = authorize(challenges, MUFASA, "GET", "/")

    assert answer is not None
    assert "algorithm=SHA-256" in answer


def test_challenge_of_another_kind_has_no_answer():
    assert authorize(parse_challenges(["Negotiate"]), MUFASA, "GET", "/") is None
