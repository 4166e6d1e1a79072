"""How grave arrears are, what may be done about them, and by whom, in words."""

LEVELS = {"none": "未逾期", "late": "逾期", "serious": "严重拖欠", "malicious": "恶意拖欠"}
STEPS = {"none": "无须处理", "prompt": "书面督促", "guide": "约谈指导", "hand_over": "移送"}
OFFICES = {"supervisor": "主管部门", "discipline": "纪检监察机关"}
