"""Detection in an image that is sent."""

import shutil
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile

from ovd.api.context import ApiContext, Context, Viewer, find_camera
from ovd.api.forms import form_example
from ovd.api.models.queries import (
    Box,
    DetectAnswer,
    DetectionAnswer,
    PreviewAnswer,
    PreviewFrame,
    PreviewReading,
)
from ovd.api.routes.queries import describe_reading, name_reading_of
from ovd.api.uploaded_image import read_uploaded_image
from ovd.domain.access import Identity, Role
from ovd.domain.detections import Detections
from ovd.domain.query import Query
from ovd.errors import ImageError, InputError, QueryError, UnknownDetectorError
from ovd.render.annotate import encode_jpeg
from ovd.render.thumbnails import shrink
from ovd.services.detect import DetectService
from ovd.services.preview import LOWEST_SCORE, Preview, PreviewImage
from ovd.texts.languages import Language

router = APIRouter(tags=["detection"])
PREVIEW_PX = 960
MOST_QUERIES = 50
_SIDES = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class PreviewForm:
    """The images that queries are tried on, and the detector."""

    camera: Annotated[str, Form(max_length=200)] = ""
    evidence: Annotated[
        bool, Form(description="The newest kept images of the camera, not its newest frame.")
    ] = False
    detector: Annotated[str, Form(max_length=64, description="Empty: the one that counts.")] = ""
    lang: Annotated[Language, Form(description="Language of names and notes.")] = Language.EN


@router.post("/detect", openapi_extra=form_example(image="street.jpg", query=["person", "car"]))
def detect(
    context: Context,
    who: Viewer,
    image: Annotated[UploadFile, File(description="JPEG, PNG or another common format.")],
    query: Annotated[list[str], Form(max_length=MOST_QUERIES, description="Repeatable.")],
    min_score: Annotated[float | None, Form(ge=0, le=1)] = None,
    detector: Annotated[str | None, Form(max_length=64)] = None,
) -> DetectAnswer:
    """Find what the queries name in an image; nothing is kept."""
    services = context.services
    info = services.detector.info
    if detector is not None and detector != info.name:
        raise UnknownDetectorError(f"this server detects with {info.name!r} only")
    queries = tuple(
        {
            found.text.casefold(): found
            for text in query
            for found in services.reader.read_many(text, min_score)
        }.values()
    )
    if not queries:
        raise QueryError("say what to look for in `query`")
    pixels = read_uploaded_image(image, context.images)
    found = next(DetectService(services.judged_detector).detect([pixels], queries))
    height, width = pixels.shape[:2]
    return DetectAnswer(
        image=(image.filename or "")[:200],
        width=width,
        height=height,
        detector=info.name,
        detections=_describe(found),
        queries=[describe_reading(item) for item in queries],
    )


@router.post("/preview", openapi_extra=form_example(camera="gate", query=["person"]))
def preview(
    context: Context,
    who: Viewer,
    query: Annotated[list[str], Form(max_length=MOST_QUERIES, description="Repeatable.")],
    source: Annotated[PreviewForm, Depends()],
    file: Annotated[
        UploadFile | None, File(description="An image or a short clip, in place of a camera.")
    ] = None,
) -> PreviewAnswer:
    """Show what queries would count, with the scores of all that is found; nothing is kept.

    They are tried on the newest frame of a camera, on the newest images that are kept of what it
    counted, or on a file.
    """
    service = context.services.previews
    if source.detector not in ("", context.services.detector.info.name):
        who.require(Role.OPERATOR)  # it is loaded beside the one that counts
    images = _preview_images(context, who, source, file)
    tried = service.try_queries(images, query, source.detector)
    return PreviewAnswer(
        detector=source.detector or context.services.detector.info.name,
        lowest_score=LOWEST_SCORE,
        queries=[_describe_scores(item, tried, source.lang) for item in tried.queries],
        frames=[
            _describe_frame(image, found) for image, found in zip(images, tried.found, strict=True)
        ],
    )


def _preview_images(
    context: ApiContext, who: Identity, source: PreviewForm, file: UploadFile | None
) -> Sequence[PreviewImage]:
    service = context.services.previews
    if file is not None:
        return _read_file(context, file)
    if not source.camera:
        raise InputError("a `camera` or a `file` is wanted to try the queries on")
    camera = find_camera(context, who, source.camera)
    if source.evidence:
        return service.evidence_images(camera.name)
    return [service.newest_frame(camera.name)]


def _read_file(context: ApiContext, file: UploadFile) -> Sequence[PreviewImage]:
    """Read an image, or frames of a clip; the limits are those of uploads."""
    try:
        image = read_uploaded_image(file, context.images)
        return [PreviewImage((file.filename or "")[:200], image)]
    except ImageError:
        file.file.seek(0)
    path = context.uploads.new_path(file.filename or "", file.size or 0)
    try:
        with path.open("xb") as target:
            shutil.copyfileobj(file.file, target)
        kept = context.uploads.accept(path)
        return context.services.previews.clip_frames(path, kept.length_s)
    finally:
        path.unlink(missing_ok=True)


def _describe_scores(query: Query, tried: Preview, language: Language) -> PreviewReading:
    scores = [
        round(score, 4)
        for found in tried.found
        for score, label_id in zip(found.score.tolist(), found.label_id.tolist(), strict=True)
        if found.labels[label_id] == query.text
    ]
    return PreviewReading(
        **name_reading_of(query, language).model_dump(),
        conditions=query.judged_over_time,
        scores=sorted(scores, reverse=True),
    )


def _describe_frame(item: PreviewImage, found: Detections) -> PreviewFrame:
    height, width = item.image.shape[:2]
    jpeg = encode_jpeg(shrink(item.image, PREVIEW_PX))
    return PreviewFrame(
        name=item.name,
        width=width,
        height=height,
        image=f"data:image/jpeg;base64,{b64encode(jpeg).decode()}",
        detections=_describe(found),
    )


def _describe(found: Detections) -> list[DetectionAnswer]:
    rows = zip(found.xyxy.tolist(), found.score.tolist(), found.label_id.tolist(), strict=True)
    return [
        DetectionAnswer(
            label=found.labels[label_id],
            score=round(score, 4),
            box=Box(**dict(zip(_SIDES, (round(side, 2) for side in box), strict=True))),
        )
        for box, score, label_id in rows
    ]
