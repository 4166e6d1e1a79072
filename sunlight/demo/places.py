"""The demonstration's people in the other provinces: on each platform an operator, makers, hospitals and authorities of the
province and of its cities. Names are invented, check characters are right."""

from dataclasses import dataclass

from sunlight.demo.people import Demo
from sunlight.scope.roles import OrganisationKind as Kind
from sunlight.scope.roles import Role
from sunlight.tenancy.rules import uscc_check_character

HOSPITAL_TEAM = [
    ("buyer", "采购员", [Role.HOSPITAL_BUYER]),
    ("approver", "审批人", [Role.HOSPITAL_APPROVER]),
    ("receiver", "验收员", [Role.HOSPITAL_RECEIVER]),
    ("cashier", "出纳", [Role.HOSPITAL_FINANCE]),
    ("hadmin", "医院管理员", [Role.HOSPITAL_ADMIN]),
]
MAKER_TEAM = [
    ("lister", "挂网专员", [Role.SUPPLIER_LISTER]),
    ("seller", "销售专员", [Role.SUPPLIER_SELLER]),
    ("shipper", "发货员", [Role.SUPPLIER_SHIPPER]),
    ("finance", "企业财务", [Role.SUPPLIER_FINANCE]),
    ("makeradmin", "企业管理员", [Role.SUPPLIER_ADMIN]),
]
OPERATOR_TEAM = [
    ("reviewer", "审核员", [Role.OPERATOR_REVIEWER]),
    ("settler", "结算员", [Role.OPERATOR_SETTLER]),
    ("support", "运营支持", [Role.OPERATOR_SUPPORT]),
]
AUTHORITY_TEAM = [
    ("officer", "监管人员", [Role.REGULATOR_OFFICER]),
    ("chief", "监管负责人", [Role.REGULATOR_CHIEF]),
]


@dataclass(frozen=True)
class Place:
    """A platform of the demonstration beside Shenzhen's: its cast, and the hospitals that trade there."""

    platform: str
    demos: tuple[Demo, ...]
    hospitals: tuple[str, ...]
    maker: str
    producer: str


def _code(kind: str, area: str, number: int) -> str:
    first = f"{kind}{area}D0EB{number:05d}"
    return first + uscc_check_character(first)


def _team(key: str, team) -> list:
    return [(f"{key}.{name}", words, roles) for name, words, roles in team]


def _hospital(key: str, name: str, region: str, area: str, number: int, level: str = "tertiary") -> Demo:
    traits = {
        "level": level,
        "ownership": "government_county",
        "hospital_code": f"H{area}{number:05d}",
        "area_code": area,
    }
    team = _team(key, HOSPITAL_TEAM)
    return Demo(key, Kind.HOSPITAL, name, _code("12", area, number), traits, team, region)


def _maker(key: str, name: str, region: str, area: str, number: int) -> Demo:
    team = _team(key, MAKER_TEAM)
    return Demo(key, Kind.SUPPLIER, name, _code("91", area, number), {"is_manufacturer": True}, team, region)


def _operator(key: str, name: str, region: str, area: str, number: int) -> Demo:
    return Demo(key, Kind.OPERATOR, name, _code("91", area, number), {}, _team(key, OPERATOR_TEAM), region)


def _authority(key: str, name: str, region: str, area: str, number: int) -> Demo:
    traits = {"authority": "insurance"}
    return Demo(key, Kind.REGULATOR, name, _code("11", area, number), traits, _team(key, AUTHORITY_TEAM), region)


GUANGDONG = Place(
    "gd",
    (
        _hospital("gz", "示范岭南医院（广州）", "CN-GD", "440103", 1),
        _maker("gdmaker", "演示骨科器械有限公司", "CN-GD", "440103", 2),
        _operator("gdcentre", "示范省药品交易中心", "CN-GD", "440103", 3),
        _authority("gdbureau", "示范省（粤）医疗保障局", "CN-GD", "440103", 4),
    ),
    hospitals=("gz",),
    maker="gdmaker",
    producer="演示骨科器械有限公司",
)
JIANGSU = Place(
    "js",
    (
        _hospital("nj", "示范金陵医院（南京）", "CN-JS-NJ", "320102", 1),
        _hospital("sz", "示范姑苏医院（苏州）", "CN-JS-SZ", "320508", 2, "secondary"),
        _maker("jsmaker", "演示眼科光学有限公司", "CN-JS", "320508", 3),
        _operator("jscentre", "示范省（苏）公共资源交易中心", "CN-JS", "320102", 4),
        _authority("jsbureau", "示范省（苏）医疗保障局", "CN-JS", "320102", 5),
        _authority("njbureau", "示范市（宁）医疗保障局", "CN-JS-NJ", "320102", 6),
        _authority("szbureau", "示范市（姑苏）医疗保障局", "CN-JS-SZ", "320508", 7),
    ),
    hospitals=("nj", "sz"),
    maker="jsmaker",
    producer="演示眼科光学有限公司",
)
HUBEI = Place(
    "hb",
    (
        _hospital("wh", "示范江城医院（武汉）", "CN-HB", "420102", 1),
        _hospital("xn", "示范桂花医院（咸宁）", "CN-HB-XN", "421202", 2, "secondary"),
        _maker("hbmaker", "样例国际医疗（代理）有限公司", "CN-HB", "420102", 3),
        _operator("hbcentre", "示范省（鄂）药械集中采购中心", "CN-HB", "420102", 4),
        _authority("hbbureau", "示范省（鄂）医疗保障局", "CN-HB", "420102", 5),
        _authority("xnbureau", "示范市（咸）医疗保障局", "CN-HB-XN", "421202", 6),
    ),
    hospitals=("wh", "xn"),
    maker="hbmaker",
    producer="样例国际医疗（代理）有限公司",
)
PLACES = (GUANGDONG, JIANGSU, HUBEI)
