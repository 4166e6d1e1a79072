from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sunlight.reconciliation.readers import DISCREPANCIES, RECONCILIATIONS
from sunlight.scope import Actor, Role
from sunlight.scope.readers import EVERY_ROLE
from sunlight.web import figures, navigation
from sunlight.web.navigation import Todo
from supervision import readers
from supervision.queries import journal_checks, matters
from supervision.workflows import FindingState

SECTION = "监管"

navigation.add(SECTION, "监管总览", "supervision:overview", *readers.OVERVIEW, icon="chart-bar", order=10)
navigation.add(SECTION, "逾期", "supervision:late", *readers.OVERVIEW, icon="clock", order=15)
navigation.add(SECTION, "待核查事项", "supervision:matters", *readers.MATTERS, icon="checklist", order=20)
navigation.add(SECTION, "核查记录", "supervision:findings", *readers.FINDINGS, icon="clipboard-check", order=30)
navigation.add(SECTION, "日志核验", "supervision:journal_checks", *readers.JOURNAL_CHECKS, icon="file-text", order=40)
navigation.add(SECTION, "对账差异", "reconciliation:discrepancies", *DISCREPANCIES, icon="alert-triangle", order=44)
navigation.add(SECTION, "对账记录", "reconciliation:reconciliations", *RECONCILIATIONS, icon="file-text", order=46)
navigation.add(SECTION, "规则试算", "supervision:rules", *readers.RULES, icon="calculator", order=60)
navigation.add(SECTION, "政策试算", "supervision:what_ifs", *readers.WHAT_IFS, icon="adjustments", order=62)
navigation.add(SECTION, "政策草案", "supervision:policy_drafts", *readers.POLICY_DRAFTS, icon="edit", order=64)
navigation.add(SECTION, "法规库", "supervision:acts", *EVERY_ROLE, icon="book", order=70)
navigation.add(SECTION, "征求意见稿", "supervision:drafts", *readers.DRAFTS, icon="edit", order=75)
navigation.add(SECTION, "未予受理记录", "supervision:refusals", *readers.REFUSALS, icon="ban", order=80)

figures.add(_("本月未予受理"), "supervision.refusals", figures.month(), *readers.REFUSALS)
figures.add(_("待决定的处置建议"), "supervision.findings", {"state": FindingState.PROPOSED}, Role.REGULATOR_CHIEF)
figures.add(_("本月核查"), "supervision.findings", figures.month(), *readers.FINDINGS)


@navigation.todo_provider
def matter_todos(actor: Actor, today: date) -> list[Todo]:
    """What went wrong and has to be looked into; what an officer proposes to act on."""
    todos = []
    if actor.has(*matters.FINDING_OUT):
        for matter in matters.matters_of(actor):
            count, due_on = matters.open_figures(actor, matter, today)
            todos.append(Todo(TODO_LABELS[matter.key], count, reverse("supervision:matter", args=[matter.key]), due_on))
    if actor.has(Role.REGULATOR_CHIEF):
        url = f"{reverse('supervision:findings')}?state={FindingState.PROPOSED}"
        todos.append(Todo("待决定的处置建议", matters.findings_to_decide(actor).count(), url))
    return todos


TODO_LABELS = {
    "payments_late": "逾期未付的货款，须核查",
    "deliveries_late": "逾期未送达的订单，须核查",
    "acceptances_late": "逾期未验收的到货，须核查",
    "acceptances_reversed": "被冲销的验收，须核查",
}


@navigation.todo_provider
def journal_todos(actor: Actor, today: date) -> list[Todo]:
    """The journal to be read again: a week after one's organisation last did, at once where it never did."""
    if not actor.has(*readers.JOURNAL_CHECKS):
        return []
    due_on = journal_checks.due_on(actor, today)
    faults = journal_checks.faults_found(actor)
    page = reverse("supervision:journal_checks")
    return [
        Todo("日志封存链须核验", 1 if due_on is not None and due_on <= today else 0, page, due_on),
        Todo("日志核验发现问题，须查明", faults, page),
    ]
