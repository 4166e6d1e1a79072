"""Two laws beside each other: what each makes of the same facts, line by line."""

from typing import Protocol


class Asked(Protocol):
    """A rule asked once: `answer` as the rule service gives it, `body` the same in words."""

    body: dict
    answer: dict


def _verdict(answer: dict) -> str:
    if not answer["regulated"]:
        return "当地当日无规定"
    return {True: "允许", False: "不允许", None: "已得出结论"}[answer["allowed"]]


def _values(trial: Asked) -> dict[str, list]:
    """Label → the values used; bounds that add up have one label and several."""
    found: dict[str, list] = {}
    for parameter in trial.body["parameters"]:
        found.setdefault(parameter["label"], []).append(parameter["value"])
    return found


def differences(first: Asked, second: Asked) -> list[dict]:
    """The results of the two laws for the same facts, line by line: `label, first, second, differs`."""
    lines = [("是否允许", _verdict(first.answer), _verdict(second.answer))]
    outcomes = [dict(trial.body["outcome"]) for trial in (first, second)]
    for label in dict.fromkeys([*outcomes[0], *outcomes[1]]):
        lines.append((label, outcomes[0].get(label), outcomes[1].get(label)))
    clauses = [sorted({r["clause"] for r in trial.answer["reasons"]}) for trial in (first, second)]
    lines.append(("理由所据条款", *clauses))
    values = [_values(trial) for trial in (first, second)]
    for label in dict.fromkeys([*values[0], *values[1]]):
        lines.append((f"参数：{label}", values[0].get(label), values[1].get(label)))
    return [
        {"label": label, "first": one, "second": other, "differs": one != other}
        for label, one, other in lines
        if one not in (None, [], "") or other not in (None, [], "")
    ]
