"""A hospital's approval chain for orders, and who stands in for whom."""

from django.shortcuts import redirect, render
from django.utils.translation import gettext

from sunlight.approval import queries, readers, services
from sunlight.approval.chains import MOST_STEPS
from sunlight.journal.refusals import Invalid
from sunlight.kernel.money import MoneyError, fen_text, parse_amount_fen
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.scope.roles import ROLE_LABELS
from sunlight.tenancy.queries.changes import changes_waiting
from sunlight.tenancy.queries.people import people_of
from sunlight.web.pages import STATUS_OF_KIND, attempt, clock, page

MATTER = "order"
BLANK = {"label": "", "role": "", "user_id": "", "amount": ""}


@page(readers.CHAINS, methods=("GET", "POST"), step_up="POST")
def flow(request):
    """The chain in force, for the administrator to change; delegations, one's own for everybody to make and end."""
    refusal = None
    if request.method == "POST":
        waits = request.POST.get("move") == "chain"
        done = gettext("已提出，另一位管理员确认后，自次日起生效。") if waits else gettext("已保存。")
        _, refusal = attempt(request, lambda: _moved(request), done=done)
        if refusal is None:
            return redirect("approval:flow")
    today = business_date(clock(request))
    chain, coming = (find(request.actor, MATTER, today) for find in (queries.chain_of, queries.chain_to_come))
    shown = coming or chain
    kept = [
        {"label": s["label"], "role": s["role"], "user_id": s["user_id"] or "", "amount": fen_text(s["from_fen"])}
        for s in (shown.steps if shown else [])
    ]
    rows = _typed(request) if refusal and request.POST.get("move") == "chain" else kept
    is_admin = request.actor.has(Role.HOSPITAL_ADMIN)
    context = {
        "chain": chain,
        "coming": coming,
        "waiting": [each for each in changes_waiting(request.actor) if each.kind == services.CHAIN.key],
        "rows": list(enumerate((rows + [BLANK] * MOST_STEPS)[:MOST_STEPS], start=1)),
        "roles": [(str(role), ROLE_LABELS[role]) for role in Role if role in readers.CHAINS],
        "people": people_of(platform_id=request.actor.platform_id, organisation_id=request.actor.organisation_id),
        "delegations": [
            (row, is_admin or row.principal_id == request.actor.user_id)
            for row in queries.delegations_visible_to(request.actor)[:50]
        ],
        "is_admin": is_admin,
        "refusal": refusal,
        "typed": {name: request.POST.get(name, "") for name in ("from_date", "to_date")},
    }
    status = STATUS_OF_KIND[refusal.kind] if refusal else 200
    return render(request, "approval/flow.html", context, status=status)


def _typed(request) -> list[dict]:
    numbers = range(1, MOST_STEPS + 1)
    return [{name: request.POST.get(f"{name}_{n}", "") for name in BLANK} for n in numbers]


def _moved(request):
    move, asked = request.POST.get("move", ""), {"actor": request.actor, "at": clock(request)}
    if move == "chain":
        steps = [
            {
                "label": row["label"],
                "role": row["role"],
                "user_id": row["user_id"],
                "from_fen": _fen(row["amount"]),
            }
            for row in _typed(request)
            if row["label"].strip()
        ]
        return services.chain_set(**asked, matter=MATTER, steps=steps)
    if move == "delegate":
        days = {name: request.POST.get(name, "") for name in ("from_date", "to_date")}
        return services.delegation_make(**asked, delegate_id=request.POST.get("delegate", ""), **days)
    if move == "revoke":
        return services.delegation_revoke(**asked, delegation_id=request.POST.get("delegation_id", ""))
    raise Invalid("unknown_move", gettext("没有这个操作。请刷新页面后重试。"), field="move")


def _fen(text: str) -> int:
    try:
        return parse_amount_fen(text, allow_zero=True) if text.strip() else 0
    except MoneyError as wrong:
        raise Invalid("step_amount", wrong.message, field="steps") from wrong
