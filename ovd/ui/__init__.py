"""The Gradio interface: `ovd.ui.app` builds and serves it."""
