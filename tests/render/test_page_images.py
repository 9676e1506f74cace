import io

import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ovd.errors import InputError
from ovd.render.page_images import PageImages


def test_first_page_is_drawn_in_the_width_that_is_wanted():
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(200, 300))
    canvas.rect(0, 0, 200, 300, fill=1)
    canvas.showPage()
    canvas.showPage()
    canvas.save()

    with Image.open(io.BytesIO(PageImages().draw_first(file.getvalue(), 400))) as image:
        assert (image.format, image.size) == ("PNG", (400, 600))
        assert image.convert("L").getpixel((200, 300)) == 0


def test_what_is_no_pdf_is_refused():
    with pytest.raises(InputError, match="no PDF"):
        PageImages().draw_first(b"nothing", 400)
