"""The demonstration's machines: tokens that stand in the documentation, who answers for them, and their mandates."""

from datetime import datetime, timedelta

from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.clock import business_date
from sunlight.tenancy.models import ApiToken, Membership
from sunlight.tenancy.services.admission import token_issue
from sunlight.tenancy.services.machines import machine_duty_ask, machine_duty_confirm
from sunlight.tenancy.services.mandates import mandate_confirm, mandate_give

# key: (organisation, token, role → who answers for it). Its examples run as they are.
TOKENS: dict[str, tuple[str, str, dict[Role, str]]] = {
    "buying": ("hospital1", "sun_demo_buying1", {Role.HOSPITAL_BUYER: "buyer1"}),
    "approving": ("hospital1", "sun_demo_approving1", {Role.HOSPITAL_APPROVER: "approver1"}),
    "receiving": ("hospital1", "sun_demo_receiving1", {Role.HOSPITAL_RECEIVER: "receiver1"}),
    "paying": ("hospital1", "sun_demo_paying1", {Role.HOSPITAL_FINANCE: "cashier1"}),
    "treasury": ("hospital1", "sun_demo_approving-payments1", {Role.HOSPITAL_FINANCE: "treasurer1"}),
    "maker1": ("maker1", "sun_demo_maker1", {Role.SUPPLIER_LISTER: "lister1", Role.SUPPLIER_SELLER: "seller1"}),
    "distributor1": (
        "distributor1",
        "sun_demo_distributor1",
        {Role.SUPPLIER_SHIPPER: "shipper1", Role.SUPPLIER_FINANCE: "finance1"},
    ),
    "operator": (
        "operator",
        "sun_demo_operator",
        {
            Role.OPERATOR_REVIEWER: "reviewer",
            Role.OPERATOR_CONFIRMER: "confirmer",
            Role.OPERATOR_SETTLER: "settler",
        },
    ),
}
NAMES = {
    "buying": "演示采购接口",
    "approving": "演示审批接口",
    "receiving": "演示验收接口",
    "paying": "演示付款编制接口",
    "treasury": "演示付款复核接口",
    "maker1": "演示生产企业接口",
    "distributor1": "演示配送企业接口",
    "operator": "演示运营机构接口",
}
# What these machines may end for good: (token, role, machine, move, who confirms it). Whoever answers for the role gives it.
MANDATES = [
    ("approving", Role.HOSPITAL_APPROVER, "contract", "sign_buyer", "hadmin1"),
    ("maker1", Role.SUPPLIER_SELLER, "contract", "sign_seller", "makeradmin1"),
    ("treasury", Role.HOSPITAL_FINANCE, "payment_run", "approve", "hadmin1"),
]
PER_ACT, PER_DAY, DAYS = "500000.00", "5000000.00", 365


def machines_enter(cast, at: datetime) -> None:
    """Issue the tokens, have the people confirm that they answer for them, and give the mandates; all by the services."""
    duties = {}
    for key, (organisation, secret, answers) in TOKENS.items():
        with scope.opened(cast.system):
            token_issue(
                actor=cast.system,
                at=at,
                organisation=cast.organisations[organisation],
                platform=cast.platform,
                name=NAMES[key],
                roles=list(answers),
                secret=secret,
                days=3650,
            )
            token = ApiToken.objects.defer("token_hash").get(name=NAMES[key], platform=cast.platform)
        for role, username in answers.items():
            duties[key, role] = _answered(cast, token, role, username, at)
    for key, role, machine, move, confirms in MANDATES:
        giver = cast[TOKENS[key][2][role]]
        given = {"machine": machine, "move": move, "per_act": PER_ACT, "per_day": PER_DAY}
        days = {"from_date": business_date(at), "to_date": business_date(at) + timedelta(days=DAYS)}
        with scope.opened(giver):
            mandate = mandate_give(actor=giver, at=at, duty_id=duties[key, role], **given, **days)
        with scope.opened(cast[confirms]):
            mandate_confirm(actor=cast[confirms], at=at, mandate_id=mandate.pk)


def _answered(cast, token: ApiToken, role: Role, username: str, at: datetime) -> int:
    person = cast[username]
    with scope.opened(cast.system):
        membership = Membership.objects.get(user_id=person.user_id, organisation_id=token.organisation_id)
        duty = machine_duty_ask(
            actor=cast.system, at=at, role=str(role), membership_id=membership.pk, token_id=token.pk
        )
    with scope.opened(person):
        machine_duty_confirm(actor=person, at=at, duty_id=duty.pk)
    return duty.pk
