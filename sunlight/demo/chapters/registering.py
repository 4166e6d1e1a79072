"""Chapter 6: who came to the platform lately: one firm accepted, one waiting, one refused; a permit about to end."""

from datetime import timedelta

from sunlight import scope
from sunlight.demo.files.certificate import licence_pdf
from sunlight.demo.stage import Stage
from sunlight.journal.refusals import Refused
from sunlight.registration import queries
from sunlight.registration.services import applications as applying
from sunlight.registration.services import review as reviewing
from sunlight.scope import Client
from sunlight.tenancy.rules import uscc_check_character

FIRMS = (
    ("示范康达医药配送有限公司", "accepted"),
    ("样例仁和医疗器械经营有限公司", "waiting"),
    ("样例速达商贸有限公司", "refused"),
)


def play(stage: Stage) -> None:
    for turn, (name, fate) in enumerate(FIRMS, start=1):
        _apply(stage, turn, name, fate)
    _permit(stage)
    stage.news_travels(stage.today)
    stage.say("机构登记申请已就绪")


def _form(turn: int, name: str) -> dict:
    first = f"91440300D0EA{20 + turn:05d}"
    return {
        "name": name,
        "credit_code": first + uscc_check_character(first),
        "region_code": "CN-GD-SZ",
        "legal_representative": f"登记法人{turn}",
        "registered_address": f"示范市罗湖区登记路 {turn} 号",
        "business_address": f"示范市罗湖区登记路 {turn} 号",
        "phone": f"0755-2777{turn:04d}",
        "email": f"firm{turn}@example.org",
        "bank_name": "示范银行深圳分行",
        "account_name": name,
        "account_number": f"7559{900 + turn:015d}",
        "admin_name": f"登记管理员{turn}",
        "admin_phone": f"1380000{turn:04d}",
        "admin_email": f"admin{turn}@example.org",
        "capacities": ["distributor"],
        "contacts": [{"name": f"登记联系人{turn}", "duty": "业务", "phone": f"0755-2777{turn:04d}"}],
        "stakes": [{"holder_name": f"示范投资{turn}", "share": "70", "is_controller": True}],
    }


def _apply(stage: Stage, turn: int, name: str, fate: str) -> None:
    day, client = stage.day(-6 + turn), Client(address=f"192.0.2.{turn}", agent="seed")
    with scope.opened(stage.cast.system):
        newcomer = queries.newcomer_actor(stage.cast.platform.code, client)
    application, secret = _does(stage, newcomer, applying.registration_open, day, kind="SUPPLIER")
    with scope.opened(stage.cast.system):
        _, actor = queries.application_by_link(application.number, secret, client=client)
    asked = {"application_id": application.id}
    _does(stage, actor, applying.registration_save, day, typed=_form(turn, name), **asked)
    try:
        _does(
            stage,
            actor,
            applying.registration_attach,
            day,
            kind="other",
            name="合影.pdf",
            content=b"MZ\x90\x00",
            **asked,
        )
    except Refused:
        stage.say("内容与扩展名不符的材料被拒收，已留痕")
    for kind in ("business_licence", "person_letter", "trade_permit"):
        _does(
            stage,
            actor,
            applying.registration_attach,
            day,
            kind=kind,
            number=f"GDSZ-{turn}-{kind[:3].upper()}",
            name=f"{kind}.pdf",
            content=licence_pdf(f"GDSZ-{turn}"),
            valid_until=stage.today + timedelta(days=1000) if kind == "trade_permit" else None,
            **asked,
        )
    with scope.opened(actor):
        view, _ = queries.applicant_view(application.number, secret, client=client, on=day)
    digest = queries.secret_hash(view.commitment)
    _does(stage, actor, applying.registration_submit, day, commitment_sha256=digest, **asked)
    if fate == "accepted":
        stage.does("reviewer", reviewing.registration_accept, on=stage.day(-2), note="资料齐全", **asked)
    elif fate == "refused":
        note = "经营许可证载明的企业名称与申请单位不一致，且未提供变更证明。"
        stage.does("reviewer", reviewing.registration_refuse, on=stage.day(-1), note=note, clause="", **asked)


def _does(stage: Stage, actor, call, day, **facts):
    with scope.opened(actor):
        return call(actor=actor, at=stage.moment(day, 9), **facts)


def _permit(stage: Stage) -> None:
    """A manufacturer's permit that expires in three weeks; its administrator gets a message."""
    row = stage.does(
        "makeradmin1",
        reviewing.qualification_declare,
        on=stage.day(-30),
        kind="production_permit",
        number="GDSZ-P-1",
        name="生产许可证.pdf",
        content=licence_pdf("GDSZ-P-1"),
        valid_until=stage.today + timedelta(days=20),
    )
    stage.does("reviewer", reviewing.qualification_confirm, on=stage.day(-29), qualification_id=row.id)
