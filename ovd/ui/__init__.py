"""The Gradio interface."""
