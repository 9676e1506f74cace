"""Detection in an image that is sent."""

from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from ovd.api.context import Context, Viewer
from ovd.api.models.queries import Box, DetectAnswer, DetectionAnswer
from ovd.api.routes.queries import describe_reading
from ovd.api.uploaded_image import read_uploaded_image
from ovd.domain.detections import Detections
from ovd.errors import QueryError, UnknownDetectorError
from ovd.services.detect import DetectService

router = APIRouter(tags=["detection"])
MOST_QUERIES = 50
_SIDES = ("xmin", "ymin", "xmax", "ymax")


@router.post("/detect")
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
    pixels = read_uploaded_image(image)
    found = next(DetectService(services.shared or services.detector).detect([pixels], queries))
    height, width = pixels.shape[:2]
    return DetectAnswer(
        image=(image.filename or "")[:200],
        width=width,
        height=height,
        detector=info.name,
        detections=_describe(found),
        queries=[describe_reading(item) for item in queries],
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
