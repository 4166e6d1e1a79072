"""How values are written for people: money, quantities, states, working-day countdowns."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext

from sunlight.files.filetypes import LABELS
from sunlight.kernel import money
from sunlight.kernel.workdays import official
from sunlight.scope.roles import ROLE_LABELS, Role

register = template.Library()


@register.filter
def yuan(fen):
    """Integer fen as grouped yuan: 123456 → 1,234.56."""
    return "—" if fen is None else money.fen_text(fen, grouped=True)


@register.filter
def capitals(fen):
    """Integer fen as 大写金额."""
    return money.rmb_upper(fen)


@register.filter
def price(value):
    """A unit price, or the difference of two, with at least 2 and at most 4 decimals."""
    if value in (None, ""):
        return "—"
    number = Decimal(value)
    return f"-{money.price_words(-number)}" if number < 0 else money.price_words(number)


@register.filter
def quantity(value):
    """A quantity without needless zeros."""
    return "—" if value in (None, "") else f"{Decimal(value):,.3f}".rstrip("0").rstrip(".")


@register.filter
def percent(rate):
    """A rate as people say it: 0.13 → 13%."""
    return "—" if rate in (None, "") else f"{(Decimal(rate) * 100).normalize():f}%"


@register.filter
def at(mapping, key):
    """What a mapping holds under a key; nothing where it holds none."""
    return mapping.get(key) if mapping else None


@register.filter
def role_label(role):
    return gettext(ROLE_LABELS[Role(role)])


@register.filter
def days_until(day, today):
    """Calendar days from `today` to `day`; negative when past."""
    return None if day is None else (day - today).days


@register.inclusion_tag("web/_countdown.html")
def countdown(last, today):
    """How many working days are left until the end of the day `last`, by the official calendar, as a coloured badge that
    carries its words and its date."""
    return {"left": official().left(today, last), "last": last, "is_today": last == today}


STATE_COLOURS = {
    "green": {
        "LISTED",
        "CONFIRMED",
        "IN_FORCE",
        "ACCEPTED",
        "MATCHED",
        "PAID",
        "SETTLED",
        "DONE",
        "DELIVERED",
        "APPROVED",
        "PUBLISHED",
        "UNOPPOSED",
        "AGREED",
    },
    "red": {
        "REFUSED",
        "REJECTED",
        "DECLINED",
        "MISMATCHED",
        "SUSPENDED",
        "REVERSED",
        "DELISTED",
        "LAPSED",
        "REVOKED",
        "UPHELD",
        "FAILED",
        "RETURNED",
    },
    "blue": {
        "SUBMITTED",
        "OPEN",
        "PLACED",
        "SIGNING",
        "PREPARED",
        "DISPATCHED",
        "RUNNING",
        "IN_RUN",
        "PENDING",
        "PUBLICISED",
        "RECEIVED",
        "JUDGING",
        "PROPOSED",
    },
}


@register.inclusion_tag("web/_state.html")
def state(row, field="state"):
    """A state as a coloured badge that always carries its word."""
    value = getattr(row, field)
    colour = next((c for c, states in STATE_COLOURS.items() if value in states), "secondary")
    return {"label": gettext(getattr(row, f"get_{field}_display")()), "colour": colour}


EFFECTS = {"refuse": "拒绝", "flag": "标记", "warn": "提醒", "info": "说明"}


@register.filter
def effect_label(effect):
    return gettext(EFFECTS[effect]) if effect in EFFECTS else effect


@register.filter
def file_kind(content_type):
    """A kept file's type in words."""
    return gettext(LABELS.get(content_type, "其他文件"))


@register.filter
def kilobytes(size):
    """Bytes as whole kilobytes, rounded up."""
    return f"{-(-size // 1024):,}"


EVENTS = {
    "file_shown": "调整文件可见范围",
    "approval_asked": "提交审批",
    "approval_passed": "审批同意",
    "approval_rejected": "审批不同意",
    "approval_withdrawn": "撤回审批",
    "approval_chain_set": "设置审批流程",
    "approval_delegated": "委托审批",
    "approval_delegation_revoked": "撤销委托",
    "registration_submitted": "提交登记申请",
    "registration_returned": "退回补正",
    "registration_refused": "不予登记",
    "registration_accepted": "通过登记",
    "registration_withdrawn": "撤回登记申请",
    "registration_activated": "开通管理员账号",
    "qualification_declared": "申报资质",
    "qualification_confirmed": "确认资质",
    "qualification_rejected": "不予确认资质",
    "qualification_replaced": "资质换新",
    "deal_fact_redelivered": "改由其他企业配送",
    "organisation_registered": "机构登记",
    "listing_drafted": "建立挂网申请",
    "listing_submitted": "提交挂网申请",
    "listing_listed": "审核通过并挂网",
    "listing_revised": "修改挂网申请",
    "listing_suspended": "暂停挂网",
    "listing_restored": "恢复挂网",
    "listing_delisted": "撤网",
    "certificate_renewed": "更新注册证有效期",
    "import_finished": "文件导入完成",
    "job_queued": "发起后台任务",
    "job_stopped": "停止后台任务",
    "job_resumed": "继续后台任务",
    "job_abandoned": "放弃后台任务",
    "job_failed": "后台任务未能完成",
    "job_finished": "后台任务完成",
    "listing_rejected": "退回挂网申请",
    "declaration_submitted": "申报省外价格",
    "declaration_confirmed": "确认省外价格",
    "price_published": "发布价格信息",
    "offer_sheet_opened": "新建议价表",
    "offer_sheet_closed": "结束议价表",
    "offer_made": "报价",
    "offer_accepted": "接受报价",
    "offer_declined": "拒绝报价",
    "offer_withdrawn": "撤回报价",
    "offer_lapsed": "报价逾期失效",
    "contract_made": "生成合同",
    "contract_signed": "签署合同",
    "contract_ended": "终止合同",
    "offer_due_day_moved": "答复期限随放假安排调整",
    "price_notice_due": "须公示联动价格",
    "agreement_made": "价格协议生效",
    "order_placed": "下单",
    "order_accepted": "企业确认订单",
    "order_declined": "企业拒绝订单",
    "order_cancelled": "撤单",
    "delivery_dispatched": "发货",
    "acceptance_confirmed": "验收",
    "acceptance_reversed": "冲销验收",
    "invoice_submitted": "开票并匹配",
    "invoice_voided": "作废发票",
    "run_prepared": "编制付款批次",
    "run_approved": "复核付款批次",
    "payment_made": "付款",
    "entry_reversed": "冲正记账凭证",
    "statement_line_assigned": "认领银行流水",
    "bank_statement_taken": "导入银行对账单",
    "deposit_received": "货款入金",
    "payment_settled": "银行确认到账",
    "run_finished": "付款批次完成",
    "run_rejected": "驳回付款批次",
    "message_acknowledged": "确认消息",
    "listing_publicised": "审核通过，开始公示",
    "publicity_opened": "发布公示",
    "publicity_ended": "公示结束",
    "publicity_term_over": "公示期满，异议处理中",
    "objection_lodged": "收到异议",
    "objection_answered": "答复异议",
    "order_overdue": "订单逾期",
    "payment_due_soon": "货款即将到期",
    "payment_overdue": "货款逾期",
    "certificate_expiring": "注册证即将到期",
    "certificate_expired": "注册证到期",
    "notice_published": "发布通知",
    "notice_withdrawn": "撤回通知",
    "mail_address_set": "设置邮件提醒",
    "finding_noted": "记录核查情况",
    "finding_agreed": "同意处置",
    "finding_sent_back": "退回补充核查",
    "journal_checked": "核验日志",
}


@register.filter
def event_label(name):
    """An event's name as people say it; one not listed here keeps its own."""
    return gettext(EVENTS[name]) if name in EVENTS else name


@register.filter
def plain(value):
    """Facts and outcomes in a table cell: lists shortened to their count where they are long, nothing as a dash."""
    if value is None or value == "":
        return "—"
    if value is True or value is False:
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return "；".join(f"{key} {plain(each)}" for key, each in value.items())
    if isinstance(value, list | tuple):
        value = [each for each in value if each not in (None, [], {})]
        shown = "，".join(str(plain(each)) for each in value[:20])
        return shown if len(value) <= 20 else f"{shown} …（共 {len(value)} 项）"
    return value
