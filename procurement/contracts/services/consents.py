"""Standing consents: two people of a firm agree beforehand to contracts at its listed price, and the system signs those for it
at once (JS20-11A). Whatever a consent does not cover waits for the firm's own signature."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db.models import Sum

from catalog.queries import trading
from procurement.contracts import queries
from procurement.contracts.events import CONSENT_CONFIRMED, CONSENT_ENDED, CONSENT_GIVEN, CONTRACT_SIGNED
from procurement.contracts.models import StandingConsent, SupplyContract
from procurement.contracts.services.clock import signature_awaited, signature_given
from procurement.contracts.services.recording import record_contract
from procurement.contracts.services.terms import payment_days_of
from procurement.contracts.services.text import text_hash, with_payment_term
from procurement.contracts.workflows import CONTRACT, STANDING_CONSENT
from sunlight import scope
from sunlight.journal.declared import EventType
from sunlight.journal.refusals import Conflict, Forbidden, Invalid
from sunlight.journal.services import record, service
from sunlight.kernel import reading
from sunlight.kernel.money import MoneyError, amount_fen, parse_amount_fen
from sunlight.kernel.policy import Value
from sunlight.numbering import platform_number
from sunlight.scope import Actor, Role
from sunlight.scope.clock import business_date
from sunlight.scope.duties import held_message, is_held, moved
from sunlight.scope.principal import SYSTEM, Acted, person
from sunlight.tenancy import profile
from sunlight.tenancy.queries.people import people_of
from sunlight.tenancy.services.machines import in_person

AT_LISTED, AUTO_CONFIRM = "bargain.at_listed.on_silence", "auto_confirm"
MOST_PRODUCTS = 500


@service
def consent_give(
    *,
    actor: Actor,
    at: datetime,
    per_contract: str,
    per_day: str,
    payment_days: object,
    from_date: date | str,
    to_date: date | str,
    products: Collection[object] = (),
) -> StandingConsent:
    """A SELLER of the firm agrees to contracts at its listed price on this platform: amounts in yuan a contract and a day, the
    longest payment term, from a day to a day (both included), for some price groups or, without any, for all of the firm's.
    It counts once an administrator, another person, has confirmed it. Raises Forbidden, Conflict where no law confirms by
    itself, Invalid with all faults at once."""
    in_person(actor, "提出常设同意")
    if not actor.has(Role.SUPPLIER_SELLER):
        raise Forbidden("not_your_duty", "只有企业的销售专员可以提出常设同意。请联系本企业管理员。")
    if is_held(actor):
        raise Forbidden("account_held", held_message(actor, "提出常设同意"))
    today = business_date(at)
    law = scope.law(actor, today)
    automatic = law.find(AT_LISTED)
    if automatic is None or automatic.value != AUTO_CONFIRM:
        raise Conflict(
            "nothing_to_consent_to", "本平台没有按挂网价自动确认成交的规定，不需要常设同意；合同由企业自行签署。"
        )
    read = reading.Collected()
    contract_fen = read(_fen, per_contract, "per_contract", "单份合同上限")
    day_fen = read(_fen, per_day, "per_day", "每日上限")
    first = read(reading.day, from_date, "from_date", "起始日")
    last = read(reading.day, to_date, "to_date", "截止日")
    chosen = {read(reading.row_id, each, "products", "产品") for each in list(products)[:MOST_PRODUCTS]}
    read.check()
    days = payment_days_of(law, payment_days)
    if days is None:
        raise Invalid("missing", "请填写同意的最长付款期限（自验收合格起的天数）。", field="payment_days")
    _fits(contract_fen, day_fen, first, last, today)
    _own(actor, chosen, today)
    consent = StandingConsent.objects.create(
        number=platform_number(today),
        platform_id=actor.platform_id,
        seller_id=actor.organisation_id,
        state=STANDING_CONSENT.initial,
        products=sorted(chosen),
        per_contract_fen=contract_fen,
        per_day_fen=day_fen,
        payment_days=days,
        from_date=first,
        to_date=last,
        given_at=at,
        giver_name=actor.user_name[:60],
        **scope.by(actor, "given"),
    )
    _record(CONSENT_GIVEN, consent, actor, at)
    return consent


def _fen(typed: str, field: str, label: str) -> int:
    try:
        found = parse_amount_fen(typed)
    except MoneyError as wrong:
        raise reading.Unreadable("consent_amount", f"{label}：{wrong.message}。", field) from wrong
    if found <= 0:
        raise reading.Unreadable("consent_amount", f"{label}须大于 0。", field)
    return found


def _fits(contract_fen: int, day_fen: int, first: date, last: date, today: date) -> None:
    longest = profile.current().mandate_longest
    if day_fen < contract_fen:
        raise Invalid("consent_amount", "每日上限不得低于单份合同上限，请重新填写。", field="per_day")
    if not (today <= last and first <= last <= first + longest):
        raise Invalid(
            "consent_dates",
            f"期限须自起始日起不超过 {longest.days} 日，且截止日不早于今天。请重新填写。",
            field="to_date",
        )


def _own(actor: Actor, chosen: set[int], today: date) -> None:
    listed = trading.tradable_listings(platform_id=actor.platform_id, on=today)
    own = listed.filter(manufacturer_id=actor.organisation_id, price_group_id__in=chosen)
    if chosen - set(own.values_list("price_group_id", flat=True)):
        raise Invalid("not_your_product", "所选产品中有不是本企业挂网或已不在交易的。请重新选择。", field="products")


@service
def consent_confirm(*, actor: Actor, at: datetime, consent_id: int) -> StandingConsent:
    """The second person, an administrator of the firm: from now on the system signs. Raises NotThere, Forbidden for who gave
    it."""
    in_person(actor, "确认常设同意")
    consent = queries.lock_consent(actor, consent_id)
    consent.state = moved(
        STANDING_CONSENT,
        consent.state,
        "confirm",
        actor,
        earlier={"give": consent.given_by},
        subject=("standing_consent", consent.id),
    )
    consent.confirmed_at, consent.confirmer_name = at, actor.user_name[:60]
    consent.version += 1
    who = scope.stamp(consent, "confirmed", actor)
    consent.save(update_fields=["state", "confirmed_at", "confirmer_name", *who, "version"])
    _record(CONSENT_CONFIRMED, consent, actor, at)
    return consent


@service
def consent_end(*, actor: Actor, at: datetime, consent_id: int, reason: str) -> StandingConsent:
    """End it at once; what was signed under it stands. Raises NotThere, Invalid without a reason."""
    in_person(actor, "终止常设同意")
    reason = reading.reason(reason, label="终止原因", most=300)
    consent = queries.lock_consent(actor, consent_id)
    consent.state = moved(STANDING_CONSENT, consent.state, "end", actor)
    consent.ended_at, consent.end_reason = at, reason
    consent.version += 1
    who = scope.stamp(consent, "ended", actor)
    consent.save(update_fields=["state", "ended_at", "end_reason", *who, "version"])
    _record(CONSENT_ENDED, consent, actor, at, reason=reason)
    return consent


def sign_by_consent(contract: SupplyContract, basis: Value, *, actor: Actor, at: datetime) -> bool:
    """Sign a contract at the listed price for the firm, by the system, where a consent of the firm covers it; `basis` is the
    value that confirms the deal by itself. Whether it was signed. In the transaction and the system's scope of the service
    that made it."""
    # Two contracts at once would both find the day's ceiling free.
    scope.alone("procurement.consents", contract.seller_id)
    today = business_date(at)
    lines = list(contract.agreements.order_by("id"))
    fen = sum(amount_fen(each.price, each.quantity) for each in lines)
    groups = {each.price_group_id for each in lines}
    for consent in queries.consents_in_force(contract.platform_id, contract.seller_id, today):
        if _covers(consent, contract, groups, fen, today):
            _sign(contract, consent, basis, fen, actor=actor, at=at)
            return True
    return False


def _covers(consent: StandingConsent, contract: SupplyContract, groups: set[int], fen: int, today: date) -> bool:
    if consent.products and not groups <= set(consent.products):
        return False
    if contract.payment_days is not None and contract.payment_days > consent.payment_days:
        return False
    used = queries.contracts_under(consent, today).aggregate(sum=Sum("seller_consent_fen"))["sum"] or 0
    return fen <= consent.per_contract_fen and used + fen <= consent.per_day_fen and _stands(consent)


def _stands(consent: StandingConsent) -> bool:
    """Whether both who gave it are still there in the roles they gave it in."""
    people = people_of(platform_id=consent.platform_id, organisation_id=consent.seller_id)
    roles = {person(each.user_id): each.roles for each in people}

    def holds(who: Acted | None, role: Role) -> bool:
        return who is not None and role in roles.get(who.principal, ())

    return holds(consent.given_by, Role.SUPPLIER_SELLER) and holds(consent.confirmed_by, Role.SUPPLIER_ADMIN)


def _sign(
    contract: SupplyContract, consent: StandingConsent, basis: Value, fen: int, *, actor: Actor, at: datetime
) -> None:
    if contract.payment_days is None:
        law = scope.law(actor, business_date(contract.made_at), region=contract.region.code)
        contract.payment_days = consent.payment_days
        contract.text = with_payment_term(contract.text, law, consent.payment_days)
        contract.text_sha256 = text_hash(contract.text)
    contract.state = moved(CONTRACT, contract.state, "sign_standing", actor)
    contract.seller_signed_at = at
    contract.seller_consent, contract.seller_consent_fen = consent, fen
    contract.seller_consent_number, contract.seller_consent_clause = consent.number, basis.clause
    contract.version += 1
    # Not whoever's offer it was: the system, for the firm.
    scope.stamp(contract, "seller_signed", Acted(SYSTEM))
    contract.save()
    record_contract(
        CONTRACT_SIGNED,
        contract,
        actor=actor,
        at=at,
        side="seller",
        consent=consent.id,
        consent_number=consent.number,
        clause=basis.clause,
    )
    signature_given(contract, actor=actor, at=at)
    signature_awaited(contract, actor=actor, at=at)


def _record(event: EventType, consent: StandingConsent, actor: Actor, at: datetime, **more) -> None:
    facts = {
        "number": consent.number,
        "seller": consent.seller_id,
        "products": consent.products,
        "per_contract_fen": consent.per_contract_fen,
        "per_day_fen": consent.per_day_fen,
        "payment_days": consent.payment_days,
        "from": consent.from_date,
        "to": consent.to_date,
        "state": str(consent.state),
    }
    record(event, subject=consent.id, actor=actor, at=at, parties=[consent.seller_id], payload=facts | more)


def consented(actor: Actor, at: datetime) -> Sequence[Value]:
    """By what this platform confirms deals at the listed price by itself today; empty where it does not."""
    value = scope.law(actor, business_date(at)).find(AT_LISTED)
    return (value,) if value is not None and value.value == AUTO_CONFIRM else ()


def products_of(actor: Actor, today: date) -> list[tuple[int, str]]:
    """The firm's own products in trade on this platform, to choose from: id and name of each price group."""
    listed = trading.tradable_listings(platform_id=actor.platform_id, on=today)
    own = listed.filter(manufacturer_id=actor.organisation_id).order_by("price_group__name", "price_group_id")
    return list(own.values_list("price_group_id", "price_group__name")[:MOST_PRODUCTS])
