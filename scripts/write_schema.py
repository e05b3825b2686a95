"""Entry: the JSON schema of the configuration."""

from pathlib import Path

from fairprune.cli import OutputText, run


def write_schema(output: OutputText = None) -> Path | None:
    """Write, or print, the JSON schema that editors check a configuration with.

    Example: write_schema.py --output config/schema.json
    """
    from fairprune.config_file import schema
    from fairprune.io.atomic import write_text

    if output is None:
        print(schema(), end="")
    else:
        write_text(output, schema())
    return output


if __name__ == "__main__":
    run(write_schema)
