"""Pages of PDF files as images."""

import io
import threading

from ovd.errors import InputError


class PageImages:
    """Draws pages of PDF files, one at a time: PDFium bears no second thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def draw_first(self, pdf: bytes, width_px: int) -> bytes:
        """Return the first page as a PNG.

        Args:
            pdf: The file.
            width_px: Width of the image.

        Raises:
            InputError: If the file is no PDF.
        """
        import pypdfium2  # type: ignore[import-untyped]  # it ships no types

        with self._lock:
            try:
                document = pypdfium2.PdfDocument(pdf)
            except pypdfium2.PdfiumError as error:
                raise InputError(f"the file is no PDF: {error}") from error
            try:
                page = document[0]
                image = page.render(scale=width_px / page.get_width()).to_pil()
                page.close()
            finally:
                document.close()
        file = io.BytesIO()
        image.convert("RGB").quantize(128).save(file, "PNG", optimize=True)
        return file.getvalue()
