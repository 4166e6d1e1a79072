"""The frame of every list: one declared `Table` per list says what may be seen, filtered, sorted and taken away."""

from sunlight.web.lists.declare import Button, Column, Empty, Table, Ticks, table_named, tables, to
from sunlight.web.lists.show import Shown, list_page, read

__all__ = ["Button", "Column", "Empty", "Shown", "Table", "Ticks", "list_page", "read", "table_named", "tables", "to"]
