"""Words of the page that an installed app shows while the server cannot be reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ovd.texts.languages import Language


@dataclass(frozen=True)
class OfflineTexts:
    """Every text of the page."""

    title: str
    text: str
    again: str


OFFLINE_TEXTS: Mapping[Language, OfflineTexts] = MappingProxyType(
    {
        Language.EN: OfflineTexts(
            title="No connection to the ovd server",
            text="Nothing that could be shown here would be true now. The page comes back by "
            "itself when the server answers.",
            again="Try again",
        ),
        Language.KO: OfflineTexts(
            title="ovd 서버에 연결되지 않습니다",
            text="지금은 보여 줄 수 있는 것이 모두 지난 내용입니다. 서버가 다시 응답하면 화면이 "
            "돌아옵니다.",
            again="다시 시도",
        ),
    }
)
