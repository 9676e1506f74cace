"""Files to be counted once."""

from typing import Annotated

from fastapi import APIRouter, File, Path, UploadFile

from ovd.api.context import Context, Operator
from ovd.api.forms import form_example
from ovd.api.models.records import UploadAnswer
from ovd.api.routes.cameras import UPLOAD

router = APIRouter(prefix="/uploads", tags=["uploads"])


@router.post("", status_code=201, openapi_extra=form_example(file="street.mp4"))
def upload(
    context: Context,
    who: Operator,
    file: Annotated[UploadFile, File(description="A video or an image.")],
) -> UploadAnswer:
    """Send a clip; then count it with `POST /cameras`, whose `uri` is that of the answer."""
    path = context.uploads.new_path(file.filename or "", file.size or 0)
    with path.open("xb") as target:
        while chunk := file.file.read(1 << 20):
            target.write(chunk)
    kept = context.uploads.accept(path)
    context.note(who, "uploads.add", kept.id, f"{kept.bytes} bytes")
    height, width = kept.size_hw
    return UploadAnswer(
        id=kept.id,
        uri=f"{UPLOAD}{kept.id}",
        width=width,
        height=height,
        fps=kept.fps,
        length_s=kept.length_s,
        bytes=kept.bytes,
    )


@router.delete("/{upload_id}", status_code=204)
def remove_upload(
    upload_id: Annotated[str, Path(max_length=64)], context: Context, who: Operator
) -> None:
    """Remove an upload; what was counted of it stays."""
    context.uploads.remove(upload_id)
    context.note(who, "uploads.remove", upload_id)
