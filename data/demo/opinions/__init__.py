"""The demo's synthetic opinions: words, templates, inputs and their splits."""
