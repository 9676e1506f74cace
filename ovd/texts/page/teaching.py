"""Words of the window in which a name is taught by boxes."""

from dataclasses import dataclass

from ovd.texts.languages import Language


@dataclass(frozen=True)
class TeachTexts:
    """Every text of the window; `{...}` is filled in."""

    open: str
    open_hint: str
    title: str
    close: str
    name: str
    intro: str
    frame_of: str
    upload: str
    no_frame: str
    no_image: str
    image: str
    remove_image: str
    draw_object: str
    draw_other: str
    draw_hint: str
    remove_box: str
    boxes: str
    anyway: str
    teach: str
    working: str
    learned: str
    found: str
    false_images: str
    more: str
    find: str
    find_hint: str
    none_found: str
    is_it: str
    is_not: str
    teach_on: str
    use: str
    failed: str


ENGLISH = TeachTexts(
    open="Teach it",
    open_hint="Teach {query} by drawing boxes",
    title="Teach a name",
    close="Close",
    name="Name",
    intro="Draw boxes around the object on 3 to 10 images that show it as the cameras do.",
    frame_of="Frame of {camera}",
    upload="Upload images",
    no_frame="No frame of {camera} yet.",
    no_image="Take a frame of a camera, or upload images.",
    image="Image {number}, boxes: {count}",
    remove_image="Remove image {number}",
    draw_object="The object",
    draw_other="Something else",
    draw_hint="Drag to draw a tight box. Tap a box to remove it.",
    remove_box="Remove the box",
    boxes="Boxes: {count} · images: {images}",
    anyway="Teach it anyway",
    teach="Teach",
    working="Learning ...",
    learned="Learned {name}, version {version}.",
    found="{found} of {tried} examples are found by what the others taught.",
    false_images="False in about {share} of images of all kinds.",
    more="Add boxes",
    find="Show look-alikes",
    find_hint="Looks at new frames of the cameras. Refusing what is wrong helps most.",
    none_found="Nothing on these frames looks like it.",
    is_it="This is it",
    is_not="This is not it",
    teach_on="Learn from the answers ({count})",
    use="Count it",
    failed="The server could not be reached.",
)
KOREAN = TeachTexts(
    open="가르치기",
    open_hint="상자를 그려 {query} 가르치기",
    title="이름 가르치기",
    close="닫기",
    name="이름",
    intro="카메라에 보이는 모습 그대로인 사진 3~10장에서 대상에 상자를 그리세요.",
    frame_of="{camera}의 현재 프레임",
    upload="사진 올리기",
    no_frame="{camera}의 프레임이 아직 없습니다.",
    no_image="카메라의 프레임을 가져오거나 사진을 올리세요.",
    image="사진 {number}: 상자 {count}개",
    remove_image="사진 {number} 빼기",
    draw_object="대상",
    draw_other="다른 것",
    draw_hint="끌어서 꼭 맞는 상자를 그리세요. 상자를 누르면 지워집니다.",
    remove_box="상자 지우기",
    boxes="사진 {images}장에 상자 {count}개",
    anyway="그래도 가르치기",
    teach="가르치기",
    working="배우는 중 ...",
    learned="“{name}”을(를) 배웠습니다(버전 {version}).",
    found="예시 {tried}개 중 {found}개를 나머지 예시로 찾습니다.",
    false_images="여러 사진 가운데 약 {share}에서 잘못 찾습니다.",
    more="상자 더 그리기",
    find="비슷한 것 보기",
    find_hint="카메라의 새 프레임에서 찾습니다. 틀린 것을 골라내면 가장 도움이 됩니다.",
    none_found="이 프레임에는 비슷한 것이 없습니다.",
    is_it="맞습니다",
    is_not="아닙니다",
    teach_on="답 {count}개로 다시 배우기",
    use="세기",
    failed="서버에 연결할 수 없습니다.",
)


def teach_texts(language: Language) -> TeachTexts:
    """Return the words of a language."""
    return {Language.EN: ENGLISH, Language.KO: KOREAN}[language]
