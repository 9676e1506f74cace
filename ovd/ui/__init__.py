"""The Gradio page: `ovd.ui.page` builds it and gives `mount_page`.

Whatever is imported from here imports Gradio, and does so in the short way.
"""

from ovd.ui.gradio_import import import_gradio

import_gradio()
