"""The demonstration's organisations and people in Shenzhen, at size S (`places.py` has the other provinces'). Names are
invented, check characters are right."""

from dataclasses import dataclass

from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.scope.roles import Role

HOSPITAL_TEAM = [
    ("buyer", "采购员", [Role.HOSPITAL_BUYER]),
    ("approver", "审批人", [Role.HOSPITAL_APPROVER]),
    ("receiver", "验收员甲", [Role.HOSPITAL_RECEIVER]),
    ("checker", "验收员乙", [Role.HOSPITAL_RECEIVER]),
    ("cashier", "出纳", [Role.HOSPITAL_FINANCE]),
    ("treasurer", "财务负责人", [Role.HOSPITAL_FINANCE]),
    ("hauditor", "院内审计", [Role.HOSPITAL_AUDITOR]),
    ("hadmin", "医院管理员", [Role.HOSPITAL_ADMIN]),
]
MAKER_TEAM = [
    ("lister", "挂网专员", [Role.SUPPLIER_LISTER]),
    ("seller", "销售专员", [Role.SUPPLIER_SELLER]),
    ("makershipper", "发货员", [Role.SUPPLIER_SHIPPER]),
    ("makerfinance", "企业财务", [Role.SUPPLIER_FINANCE]),
    ("makeradmin", "企业管理员", [Role.SUPPLIER_ADMIN]),
]
DISTRIBUTOR_TEAM = [
    ("shipper", "配送专员", [Role.SUPPLIER_SHIPPER]),
    ("finance", "配送企业财务", [Role.SUPPLIER_FINANCE]),
]
OPERATOR_TEAM = [
    ("reviewer", "审核员", [Role.OPERATOR_REVIEWER]),
    ("reviewer2", "复审员", [Role.OPERATOR_REVIEWER]),
    ("confirmer", "价格确认员", [Role.OPERATOR_CONFIRMER]),
    ("settler", "结算员甲", [Role.OPERATOR_SETTLER]),
    ("settler2", "结算员乙", [Role.OPERATOR_SETTLER]),
    ("support", "运营支持", [Role.OPERATOR_SUPPORT]),
]


@dataclass(frozen=True)
class Demo:
    """An organisation of the demonstration: its key, its facts, its people as (username, name, roles)."""

    key: str
    kind: Kind
    name: str
    credit_code: str
    traits: dict
    team: list[tuple[str, str, list[Role]]]
    region: str = "CN-GD-SZ"


# Family names for the people of the first, second and third organisation of a kind.
FAMILY = "陈林黄张李王刘杨赵周"


# Second administrators, where the story needs one to confirm what the first asks for.
SECOND = {
    "hospital1": ("hadmin1b", "信息科管理员", Role.HOSPITAL_ADMIN),
    "hospital2": ("hadmin2b", "信息科管理员", Role.HOSPITAL_ADMIN),
    "maker1": ("makeradmin1b", "副管理员", Role.SUPPLIER_ADMIN),
}


def _team(key: str, team, number: int):
    second = SECOND.get(key)
    seconds = [(second[0], f"{FAMILY[-number]}{second[1]}", [second[2]])] if second else []
    return _number_team(team, number) + seconds


def _number_team(team, number: int):
    return [
        (f"{username}{number}", f"{FAMILY[(index + 3 * number) % len(FAMILY)]}{name}", roles)
        for index, (username, name, roles) in enumerate(team)
    ]


def _hospital(number: int, name: str, code: str, level: str, ownership: str = "government_county") -> Demo:
    traits = {
        "level": level,
        "ownership": ownership,
        "hospital_code": f"H440303{number:05d}",
        "area_code": "440303",
    }
    return Demo(
        f"hospital{number}", Kind.HOSPITAL, name, code, traits, _team(f"hospital{number}", HOSPITAL_TEAM, number)
    )


def _maker(number: int, name: str, code: str) -> Demo:
    return Demo(
        f"maker{number}",
        Kind.SUPPLIER,
        name,
        code,
        {"is_manufacturer": True},
        _team(f"maker{number}", MAKER_TEAM, number),
    )


def _distributor(number: int, name: str, code: str) -> Demo:
    return Demo(
        f"distributor{number}",
        Kind.SUPPLIER,
        name,
        code,
        {"is_distributor": True},
        _number_team(DISTRIBUTOR_TEAM, number),
    )


def _authority(key: str, name: str, code: str, authority: str) -> Demo:
    team = [
        (f"{key}.officer", "监管人员", [Role.REGULATOR_OFFICER]),
        (f"{key}.chief", "监管负责人", [Role.REGULATOR_CHIEF, Role.REGULATOR_AUDITOR]),
    ]
    return Demo(key, Kind.REGULATOR, name, code, {"authority": authority}, team)


ORGANISATIONS = [
    _hospital(1, "示范市第一人民医院", "12440300D0EA00001T", "tertiary"),
    _hospital(2, "示范市第二人民医院", "12440300D0EA00002X", "secondary"),
    _hospital(3, "示范社区医院", "91440300D0EA00003U", "primary", "private"),
    _maker(1, "示范医疗器械有限公司", "91440300D0EA00004Y"),
    _maker(2, "样例生物材料有限公司", "91440300D0EA000052"),
    _maker(3, "样例介入科技有限公司", "91440300D0EA000065"),
    _distributor(1, "示范医药配送有限公司", "91440300D0EA000078"),
    _distributor(2, "样例医疗物流有限公司", "91440300D0EA00008B"),
    Demo("operator", Kind.OPERATOR, "示范交易集团", "91440300D0EA00009E", {}, OPERATOR_TEAM),
    _authority("insurance", "示范市医疗保障局", "11440300D0EA00010U", "insurance"),
    _authority("health", "示范市卫生健康委员会", "11440300D0EA00011Y", "health"),
    _authority("market", "示范市市场监督管理局", "11440300D0EA000122", "market"),
    _authority("discipline", "示范市纪委监委", "11440300D0EA000135", "discipline"),
    Demo(
        "platform",
        Kind.PLATFORM,
        "阳光交易平台管理中心",
        "12440300D0EA000145",
        {},
        [
            ("sysadmin", "系统管理员", [Role.PLATFORM_SYSTEM_ADMIN]),
            ("secadmin", "安全管理员", [Role.PLATFORM_SECURITY_ADMIN]),
            ("auditadmin", "审计管理员", [Role.PLATFORM_AUDIT_ADMIN]),
        ],
    ),
]
