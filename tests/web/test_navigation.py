"""The menu: every entry has a page and an icon that is there."""

from pathlib import Path

from django.urls import reverse

import sunlight.urls  # noqa: F401 the menus of all apps
from sunlight.web import navigation

ICONS = Path(navigation.__file__).with_name("icons.txt")


def test_every_entry_has_its_page_and_its_icon():
    known = {line.strip() for line in ICONS.read_text("utf-8").splitlines() if not line.startswith("#")}
    assert navigation._items
    assert [item.label for item in navigation._items if item.icon not in known] == []
    assert all(reverse(item.url_name).startswith("/") for item in navigation._items)


def test_sections_stand_in_the_order_of_the_apps_between_workbench_and_system():
    first, *between, last = navigation.sections()
    assert (first, last) == ("工作台", "系统")
    ours = ["目录与挂网", "价格", "议价与采购", "收货", "结算", "监管"]
    assert [section for section in between if section in ours] == ours
