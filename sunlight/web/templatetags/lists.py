"""Writing the cells, filters and ticks of a declared list."""

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from sunlight.journal.declared import SUBJECTS
from sunlight.scope.clock import SHANGHAI
from sunlight.scope.readers import may_read
from sunlight.web.lists.declare import Column, through
from sunlight.web.templatetags import sunlight as writing

register = template.Library()

DASH = "—"


def written(column: Column, row):
    """A cell's value as people read it."""
    if column.kind == "state":
        holder, _dot, name = column.value.rpartition(".")
        shown = writing.state(through(row, holder) if holder else row, name)
        return format_html('<span class="badge bg-{}-lt">{}</span>', shown["colour"], shown["label"])
    value = through(row, column.value)
    if value in (None, ""):
        return DASH
    if column.kind == "yuan":
        return writing.yuan(value)
    if column.kind == "price":
        return writing.price(value)
    if column.kind == "quantity":
        return writing.quantity(value)
    if column.kind == "moment":
        return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if column.kind == "day":
        return f"{value:%Y-%m-%d}"
    return value


CLASSES = {
    "yuan": "number",
    "price": "number",
    "quantity": "number",
    "count": "number",
    "day": "text-nowrap",
    "moment": "text-nowrap",
    "text": "words",
}
# A page of a list has hundreds of cells: what does not vary is made safe once.
PLAIN, END = mark_safe("<td>"), mark_safe("</td>")
CODE, CODE_END = mark_safe('<span class="code">'), mark_safe("</span>")
OPENINGS = {kind: format_html('<td class="{}">', name) for kind, name in CLASSES.items()}
OPENINGS["sentence"] = mark_safe('<td class="words" lang="zh">')


@register.simple_tag(takes_context=True)
def cell(context, column: Column, row):
    """One cell with its link, badge and second line."""
    if column.cell:
        with context.push(row=row):
            content = context.template.engine.get_template(column.cell).render(context)
    else:
        content = _plain_cell(column, row)
    return OPENINGS.get(column.kind, PLAIN) + content + END


def _plain_cell(column: Column, row):
    content = conditional_escape(written(column, row))
    link = column.link(row) if column.link else ""
    is_code = column.kind == "code"
    if link:
        content = format_html('<a class="code" href="{}">{}</a>' if is_code else '<a href="{}">{}</a>', link, content)
    elif is_code:
        content = CODE + content + CODE_END
    for badge in column.badges(row) if column.badges else ():
        content = format_html('{} <span class="badge bg-{}-lt">{}</span>', content, *badge)
    below = through(row, column.below) if column.below else None
    if below not in (None, ""):
        content = format_html('{}<div class="text-secondary">{}</div>', content, below)
    return content


@register.simple_tag
def filter_input(field):
    """A filter's field, small, with its error announced."""
    widget = field.field.widget
    kind = "form-select form-select-sm" if hasattr(widget, "choices") else "form-control form-control-sm"
    attributes = {"class": f"{kind} is-invalid" if field.errors else kind, "autocomplete": "off"}
    return field.as_widget(attrs=attributes)


@register.simple_tag
def tick(shown, row):
    """The box of a row that may be ticked."""
    ticks = shown.ticks
    if ticks.allowed is not None and not ticks.allowed(row):
        return ""
    value = through(row, ticks.value)
    return format_html(
        '<input class="form-check-input" type="checkbox" name="{}" value="{}" form="{}" aria-label="{} {}"{}>',
        ticks.name,
        value,
        ticks.form,
        _("选择"),
        through(row, ticks.label),
        mark_safe(" checked") if str(value) in shown.chosen else "",  # noqa: S308 a constant
    )


@register.simple_tag(takes_context=True)
def row_actions(context, shown, row):
    """The buttons at a row's end: the list's own, and the way to why the row stands as it does."""
    parts = []
    table = shown.table
    if table.actions:
        with context.push(row=row):
            parts.append((mark_safe(context.template.engine.get_template(table.actions).render(context)),))  # noqa: S308 rendered by a template
    if table.trace:
        subject, path = table.trace
    if table.trace and may_read(shown.request.actor, SUBJECTS[subject].noun):
        address = reverse("supervision:trace", args=[subject, through(row, path)])
        parts.append((format_html('<a class="btn btn-sm btn-ghost-secondary" href="{}">{}</a>', address, _("依据")),))
    return format_html_join(" ", "{}", parts)
