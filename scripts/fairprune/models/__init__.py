"""Language models: loading them, finding their blocks and layers, walking them block by block."""
