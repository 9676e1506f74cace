"""Names taught by example: list, teach, show what looks alike, remove."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, UploadFile
from pydantic import TypeAdapter, ValidationError

from ovd.api.context import ApiContext, Context, Operator, Viewer
from ovd.api.forms import form_example
from ovd.api.models.answers import Items
from ovd.api.models.queries import Box
from ovd.api.models.teaching import (
    EstimateAnswer,
    ExampleAnswer,
    ExampleBox,
    LookAlike,
    LookAlikes,
    TaughtAnswer,
)
from ovd.api.uploaded_image import read_uploaded_image
from ovd.detection.taught.examples import ExampleImage
from ovd.domain.access import Identity
from ovd.domain.frame import Image
from ovd.domain.teaching.taught_names import ExampleKind, TaughtName
from ovd.errors import ConflictError, ExampleError, ForbiddenError, RequestShapeError
from ovd.services.teaching import Lesson, TeachingService

router = APIRouter(prefix="/taught", tags=["taught names"])
MOST_IMAGES = 20
Name = Annotated[str, Path(max_length=200, examples=["wheelchair"])]
Images = Annotated[
    list[UploadFile],
    File(min_length=1, max_length=MOST_IMAGES, description="JPEG, PNG or another common format."),
]
_BOXES = TypeAdapter(list[ExampleBox])
_TAUGHT_EXAMPLE = form_example(
    name="wheelchair",
    image=["hall.jpg"],
    boxes='[{"image": 0, "box": [120, 80, 260, 310], "kind": "shown"}]',
)


@dataclass(frozen=True)
class Wishes:
    """Options of teaching.

    Attributes:
        more: Whether the examples that the name has are used too.
        anyway: Whether it is taught also if it is known already, or unsure.
    """

    more: Annotated[bool, Form(description="Keep the examples that the name has.")] = False
    anyway: Annotated[bool, Form(description="Also if it is known already, or unsure.")] = False


@router.get("")
def list_taught(context: Context, who: Viewer) -> Items[TaughtAnswer]:
    """List the taught names in use."""
    found = _teaching(context).all()
    return Items[TaughtAnswer](items=[_describe(context, item, who) for item in found])


@router.post("", status_code=201, openapi_extra=_TAUGHT_EXAMPLE)
def teach(
    context: Context,
    who: Operator,
    name: Annotated[str, Form(max_length=200, description="What to call the object.")],
    image: Images,
    boxes: Annotated[
        str,
        Form(
            max_length=20_000,
            description='JSON: `[{"image": 0, "box": [x0, y0, x1, y1], "kind": "shown"}]`; other '
            "kinds are `confirmed` and `refused` (a look-alike that is another thing).",
        ),
    ],
    wishes: Annotated[Wishes, Depends()],
) -> TaughtAnswer:
    """Teach a name by boxes on images; a name that there is gets a new version."""
    teaching = _teaching(context)
    _require_all_cameras(who)
    lesson = Lesson(
        name, _read_examples(boxes, _read_images(context, image)), wishes.more, wishes.anyway
    )
    taught = teaching.teach(lesson)
    context.note(who, "taught.add", taught.name, f"version {taught.version}")
    return _describe(context, taught, who)


@router.get("/{name}")
def show_taught(name: Name, context: Context, who: Viewer) -> TaughtAnswer:
    """Tell what a name was learned from."""
    return _describe(context, _teaching(context).find(name), who)


@router.post("/{name}/lookalikes", openapi_extra=form_example(image=["street.jpg"]))
def find_look_alikes(name: Name, context: Context, who: Operator, image: Images) -> LookAlikes:
    """Find what looks like a taught name on images; nothing is kept.

    Send the same images with `more` and the boxes as `confirmed` or `refused` to teach on.
    """
    teaching = _teaching(context)
    found = teaching.find_look_alikes(name, _read_images(context, image))
    return LookAlikes(
        items=[
            LookAlike(image=item.image, box=_box(item.xyxy), score=round(item.score, 4))
            for item in found
        ]
    )


@router.delete("/{name}", status_code=204)
def remove_taught(name: Name, context: Context, who: Operator) -> None:
    """Stop using a name; what was counted with it stays."""
    _require_all_cameras(who)
    taught = _teaching(context).remove(name)
    context.note(who, "taught.remove", taught.name)


def _teaching(context: ApiContext) -> TeachingService:
    teaching = context.services.teaching
    if teaching is None:
        name = context.services.detector.info.name
        raise ConflictError(f"the detector {name!r} cannot be taught by example")
    return teaching


def _require_all_cameras(who: Identity) -> None:
    """Refuse those who may see some cameras only: a taught name is for all of them."""
    if who.cameras is not None:
        raise ForbiddenError("a taught name changes every camera, and you may not see all of them")


def _read_images(context: ApiContext, files: list[UploadFile]) -> list[tuple[str, Image]]:
    return [
        ((file.filename or "")[:200], read_uploaded_image(file, context.images)) for file in files
    ]


def _read_examples(boxes: str, images: list[tuple[str, Image]]) -> tuple[ExampleImage, ...]:
    """Return each image with its boxes of one kind.

    Raises:
        RequestShapeError: If the boxes are not as they should be.
        ExampleError: If one belongs to no image, or there is none.
    """
    try:
        parsed = _BOXES.validate_json(boxes)
    except ValidationError as error:
        problems = "; ".join(str(problem["msg"]) for problem in error.errors()[:3])
        raise RequestShapeError(f"`boxes` is not as it should be: {problems}"[:500]) from error
    if not parsed:
        raise ExampleError("draw at least one box around the object")
    grouped: dict[tuple[int, str], list[tuple[float, float, float, float]]] = {}
    for item in parsed:
        if item.image >= len(images):
            raise ExampleError(f"there is no image {item.image}: {len(images)} were sent")
        grouped.setdefault((item.image, item.kind), []).append(item.box)
    return tuple(
        ExampleImage(images[at][1], tuple(found), ExampleKind(kind), images[at][0])
        for (at, kind), found in grouped.items()
    )


def _describe(context: ApiContext, item: TaughtName, who: Identity) -> TaughtAnswer:
    """Return a taught name; where its examples come from is for those who see all cameras."""
    sees_all = who.cameras is None
    return TaughtAnswer(
        name=item.name,
        version=item.version,
        camera=item.camera or None if sees_all or who.may_see(item.camera) else None,
        detector=item.detector_id,
        created_at=item.created_at,
        in_use=item.detector_id == context.services.detector.info.detector_id,
        examples=[
            ExampleAnswer(
                kind=example.kind.value,
                source=example.source if sees_all else "",
                box=_box(example.xyxy),
                fits=len(example.region_embeds) > 0,
            )
            for example in item.examples
        ],
        estimate=EstimateAnswer(**vars(item.estimate), text=item.estimate.text),
    )


def _box(xyxy: tuple[float, float, float, float]) -> Box:
    x0, y0, x1, y1 = (round(side, 2) for side in xyxy)
    return Box(xmin=x0, ymin=y0, xmax=x1, ymax=y1)
