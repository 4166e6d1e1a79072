"""What tests of registration share: a complete form, documents, an application on its way."""

from sunlight import scope
from sunlight.registration import queries
from sunlight.registration.services import applications as services
from sunlight.scope import Client
from sunlight.tenancy.rules import uscc_check_character

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
CLIENT = Client(address="203.0.113.7", agent="pytest")


def code(number: int) -> str:
    first = f"91440300MA7F{number:05d}"
    return first + uscc_check_character(first)


def supplier(number: int = 1, **changes) -> dict:
    return {
        "name": f"登记测试企业{number}",
        "credit_code": code(number),
        "region_code": "CN-GD-SZ",
        "legal_representative": "法人甲",
        "registered_address": "登记路 1 号",
        "business_address": "登记路 1 号",
        "phone": "0755-26000001",
        "email": "firm@example.org",
        "bank_name": "测试银行",
        "account_name": "登记测试企业",
        "account_number": f"62270000{number:010d}",
        "admin_name": "管理员甲",
        "admin_phone": "13800000000",
        "admin_email": "admin@example.org",
        "capacities": ["distributor"],
        "contacts": [{"name": "联系人甲", "phone": "0755-26000002", "duty": "业务"}],
        "stakes": [{"holder_name": "控股甲", "share": "60.5", "is_controller": True}],
    } | changes


def hospital(number: int = 1, **changes) -> dict:
    own = {
        "level": "secondary",
        "ownership": "government_county",
        "hospital_code": "H44030300099",
        "area_code": "440303",
    }
    return supplier(number) | own | changes


def newcomer(platform: str = "gd-sz"):
    with scope.opened(scope.actor.ANONYMOUS):
        return queries.newcomer_actor(platform, CLIENT)


class Applicant:
    """Who holds a number and a secret: does one thing after the other, each in a scope of nobody, as a request would."""

    def __init__(self, kind: str = "SUPPLIER", platform: str = "gd-sz"):
        self.application, self.secret = self._do(services.registration_open, newcomer(platform), kind=kind)
        self.number, self.id = self.application.number, self.application.id

    def _do(self, call, actor, **facts):
        with scope.opened(scope.actor.ANONYMOUS):
            return call(actor=actor, at=scope.now(), **facts)

    @property
    def actor(self):
        with scope.opened(scope.actor.ANONYMOUS):
            return queries.application_by_link(self.number, self.secret, client=CLIENT)[1]

    def does(self, call, **facts):
        return self._do(call, self.actor, application_id=self.id, **facts)

    def view(self):
        with scope.opened(scope.actor.ANONYMOUS):
            found, actor = queries.application_by_link(self.number, self.secret, client=CLIENT)
            with scope.elevated(actor):
                return queries.application_view(actor, found, scope.today())

    def attach(self, kind: str, **more):
        return self.does(services.registration_attach, kind=kind, name=f"{kind}.pdf", content=PDF, **more)

    def fill(self, typed: dict, *documents: str):
        self.does(services.registration_save, typed=typed)
        for kind in documents:
            self.attach(kind)
        return self

    def submit(self):
        digest = queries.secret_hash(self.view().commitment)
        return self.does(services.registration_submit, commitment_sha256=digest)


def submitted(number: int = 1, **more) -> Applicant:
    applicant = Applicant(**more).fill(supplier(number), "business_licence", "person_letter", "trade_permit")
    applicant.submit()
    return applicant
