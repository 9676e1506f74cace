"""The Gradio page: `ovd.ui.page` builds it and gives `mount_page`."""
