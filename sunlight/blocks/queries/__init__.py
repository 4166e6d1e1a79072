"""Reading what the blocks keep: files and import runs here, every other block in a module of its own."""

from sunlight.blocks.queries.kept import (
    access_file,
    access_run,
    files_visible_to,
    refused_rows,
    runs_visible_to,
)

__all__ = ["access_file", "access_run", "files_visible_to", "refused_rows", "runs_visible_to"]
