"""A new act handed in for a test: written into a copy of the acts, loaded like the shipped ones, never in force elsewhere.

policy = with_act(tmp_path, monkeypatch, "SZ26", region="CN-GD-SZ", effective="2026-09-01",
                  file="settlement/policy/payment.yaml", key="settlement.payment_days", value=20, replaces="SZ20-6.2b")
with scope.under(policy):
    ...
"""

import re
import shutil
from pathlib import Path

from sunlight import acts
from sunlight.acts import ROOT, load_policy, parameter_files
from sunlight.kernel.policy import Policy

ACT = """id: {act}
number: 演练
issuer: 演练
title: 演练文件
title_en: Drill
region: {region}
status: in_force
issued: {effective}
effective: {effective}
ends: null
"""
CLAUSE = """act: {act}
clauses:
  {act}-1: {{article: 一, zh: 演练条款, en: A clause of the drill}}
"""
ROW = (
    "    - {{value: {value}, region: {region}, from: {effective}, act: {act}, article: 一, clause: {act}-1,"
    " replaces: [{replaces}]}}\n"
)


def with_act(tmp: Path, monkeypatch, act: str, *, file: str, key: str, **facts) -> Policy:
    """The shipped law with one more act, which replaces one value of one parameter."""
    folder = tmp / "acts"
    shutil.copytree(acts.ACTS, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / f"{act}.yaml").write_text(ACT.format(act=act, **facts), "utf-8")
    (folder / "clauses" / f"{act}.yaml").write_text(CLAUSE.format(act=act, **facts), "utf-8")
    text = (ROOT / file).read_text("utf-8")
    stated = re.search(rf"^{re.escape(key)}:\n(?:  .*\n)*?  values:\n(?:    .*\n)*", text, re.MULTILINE)
    changed = tmp / Path(file).name
    changed.write_text(text.replace(stated[0], stated[0] + ROW.format(act=act, **facts)), "utf-8")
    monkeypatch.setattr(acts, "ACTS", folder)
    return load_policy([changed if path == ROOT / file else path for path in parameter_files()])
