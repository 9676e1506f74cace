"""Every word of the login page, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class LoginTexts:
    """The words of one language; fields in braces are filled with `str.format`."""

    title: str
    name: str
    password: str
    sign_in: str
    failed: str
    wait: str
    refused: str
    no_users: str
    sign_in_with: str
    single_sign_on: str
    or_password: str
    sign_on_failed: str
    no_role: str


LOGIN_TEXTS: Mapping[Language, LoginTexts] = MappingProxyType(
    {
        Language.EN: LoginTexts(
            title="Sign in",
            name="Name",
            password="Password",  # noqa: S106 - the word on the page
            sign_in="Sign in",
            failed="Name and password do not fit.",
            wait="Too many failed attempts. Try again in {seconds} seconds.",
            refused="This request was refused. Load the page again.",
            no_users="There are no users yet. On the machine that runs ovd, type: {command}",
            sign_in_with="Sign in with {provider}",
            single_sign_on="single sign-on",
            or_password="or with a name and password",  # noqa: S106 - the words on the page
            sign_on_failed="The sign-in was not confirmed. Try again.",
            no_role="Your account gives no access here. Ask an administrator.",
        ),
        Language.KO: LoginTexts(
            title="로그인",
            name="이름",
            password="비밀번호",  # noqa: S106 - the word on the page
            sign_in="로그인",
            failed="이름 또는 비밀번호가 맞지 않습니다.",
            wait="로그인 실패가 너무 많습니다. {seconds}초 후에 다시 시도하세요.",
            refused="요청이 거부되었습니다. 페이지를 다시 불러오세요.",
            no_users="아직 사용자가 없습니다. ovd를 실행하는 컴퓨터에서 입력하세요: {command}",
            sign_in_with="{provider} 계정으로 로그인",
            single_sign_on="통합 인증",
            or_password="또는 이름과 비밀번호로 로그인",  # noqa: S106 - the words on the page
            sign_on_failed="로그인이 확인되지 않았습니다. 다시 시도하세요.",
            no_role="이 계정에는 접근 권한이 없습니다. 관리자에게 문의하세요.",
        ),
    }
)


def login_texts(language: Language) -> LoginTexts:
    """Return the words of one language."""
    return LOGIN_TEXTS[language]
