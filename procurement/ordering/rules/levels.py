"""How grave it is that goods are not there, in words."""

LEVELS = {"none": "未超期", "alert": "预警", "serious": "严重"}
