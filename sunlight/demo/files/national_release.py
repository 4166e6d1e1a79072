"""A national release of invented products in the real formats: the 21-column sheet, 停用表, 转码表.

Same arguments, same bytes. Codes, GTINs and certificate numbers are well-formed; makers and products are invented. A few
bad rows are planted (`BAD_ROWS`), so that the report of refused rows has something to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sunlight.sheets.writing import csv_bytes, xlsx_bytes

HEADINGS = (
    "GOODS_ID",
    "UDI",
    "原27位码",
    "原码状态",
    "27位码",
    "类型",
    "20位码",
    "一级分类",
    "二级分类",
    "三级分类",
    "医保通用名分类",
    "材质",
    "特征",
    "注册备案号",
    "单件产品名称",
    "耗材企业",
    "规格型号数",
    "规格",
    "型号",
    "医保通用名编号",
    "医保通用名",
)
PRODUCERS = ("示范医疗器械有限公司", "样例生物材料有限公司", "样例介入科技有限公司")
OTHER_PRODUCERS = ("演示骨科器械有限公司", "演示眼科光学有限公司", "样例国际医疗（代理）有限公司")
SPECIFICATIONS_EACH = 8


@dataclass(frozen=True)
class Kind:
    """A kind of consumable: its class names, what varies, the pricing unit and a usual price in CNY a unit."""

    categories: tuple[str, str, str]
    common_class: str
    name: str
    unit: str
    price: str
    materials: tuple[str, ...]
    features: tuple[str, ...]
    sizes: tuple[str, ...]


KINDS = (
    Kind(
        ("02-血管介入治疗类材料", "01-冠状动脉介入", "01-冠状动脉支架"),
        "001-支架",
        "药物洗脱冠脉支架系统",
        "套",
        "798.0000",
        ("01-钴铬合金", "02-铂铬合金"),
        ("001-雷帕霉素", "002-依维莫司"),
        ("2.5×15", "3.0×18", "3.5×24", "4.0×28"),
    ),
    Kind(
        ("02-血管介入治疗类材料", "01-冠状动脉介入", "03-球囊扩张导管"),
        "003-球囊",
        "冠脉球囊扩张导管",
        "根",
        "212.5000",
        ("01-尼龙", "02-聚醚嵌段酰胺"),
        ("001-顺应性", "002-非顺应性"),
        ("2.0×15", "2.5×15", "3.0×20", "3.5×20"),
    ),
    Kind(
        ("02-血管介入治疗类材料", "04-通用介入", "02-导引导丝"),
        "007-导丝",
        "亲水涂层导引导丝",
        "根",
        "156.0000",
        ("01-镍钛合金", "02-不锈钢"),
        ("001-直头", "002-J 型头"),
        ("0.014×180", "0.014×300", "0.035×150", "0.035×260"),
    ),
    Kind(
        ("05-心脏外科类材料", "02-人工瓣膜", "01-生物瓣膜"),
        "002-瓣膜",
        "牛心包生物瓣膜",
        "枚",
        "16800.0000",
        ("01-牛心包", "02-猪瓣"),
        ("001-主动脉", "002-二尖瓣"),
        ("19", "21", "23", "25"),
    ),
    Kind(
        ("08-眼科材料", "01-人工晶体", "02-折叠式"),
        "001-晶体",
        "非球面折叠人工晶状体",
        "片",
        "1060.0000",
        ("01-疏水性丙烯酸酯", "02-亲水性丙烯酸酯"),
        ("001-单焦点", "002-散光"),
        ("+18.0D", "+20.0D", "+21.5D", "+23.0D"),
    ),
    Kind(
        ("14-基础卫生材料", "02-敷料", "01-纱布"),
        "011-纱布",
        "医用脱脂纱布块",
        "片",
        "0.3500",
        ("01-棉", "02-无纺布"),
        ("001-灭菌", "002-非灭菌"),
        ("5×5-8P", "7.5×7.5-8P", "10×10-8P", "10×10-12P"),
    ),
    Kind(
        ("16-注射穿刺类材料", "01-注射器", "01-无菌注射器"),
        "001-注射器",
        "一次性使用无菌注射器 带针",
        "支",
        "0.6800",
        ("01-聚丙烯", "00-不区分"),
        ("001-普通", "002-自毁型"),
        ("1mL", "5mL", "10mL", "20mL"),
    ),
    Kind(
        ("16-注射穿刺类材料", "03-留置针", "01-外周静脉"),
        "004-留置针",
        "一次性使用静脉留置针",
        "支",
        "9.8000",
        ("01-聚氨酯", "02-聚四氟乙烯"),
        ("001-直型", "002-Y 型"),
        ("18G", "20G", "22G", "24G"),
    ),
    Kind(
        ("11-吻(缝)合器及附件", "01-吻合器", "02-腔镜吻合器"),
        "002-吻合器",
        "一次性腔镜切割吻合器钉仓",
        "个",
        "695.0000",
        ("01-钛合金", "00-不区分"),
        ("001-直线型", "002-弯型"),
        ("30mm", "45mm", "60mm", "60mm 加厚"),
    ),
    Kind(
        ("10-血液净化材料", "01-透析器", "01-高通量"),
        "001-透析器",
        "空心纤维血液透析器",
        "支",
        "58.0000",
        ("01-聚砜", "02-聚醚砜"),
        ("001-高通量", "002-低通量"),
        ("1.3m²", "1.5m²", "1.6m²", "1.8m²"),
    ),
)


@dataclass(frozen=True)
class Product:
    """One 20-digit code of one maker and certificate, with its 27-digit specifications."""

    generic_code: str
    producer: str
    certificate: str
    name: str
    unit: str
    price: Decimal
    codes: tuple[str, ...]
    rows: tuple[dict[str, str], ...]


def products(specifications: int = 2_000, producers: Sequence[str] = (*PRODUCERS, *OTHER_PRODUCERS)) -> list[Product]:
    """Products with `specifications` rows in all, eight to a product; each kind is made by each of the producers, in
    turn over its materials and features. The price is a usual one in CNY a pricing unit, different for each maker."""
    found: list[Product] = []
    left, number = specifications, 0
    while left > 0:
        count = min(SPECIFICATIONS_EACH, left)
        found.append(product_numbered(number, producers, count))
        left -= count
        number += 1
    return found


def product_numbered(number: int, producers: Sequence[str], count: int) -> Product:
    """The product of this number with `count` specifications; every number has one."""
    maker = number % len(producers)
    turn = number // len(producers)
    kind = KINDS[turn % len(KINDS)]
    variant = turn // len(KINDS)
    material, feature = kind.materials[variant % 2], kind.features[variant // 2 % 2]
    series = variant // 4
    c1, c2, c3 = (name[:2] for name in kind.categories)
    generic = f"C{c1}{c2}{c3}{kind.common_class[:3]}{material[:2]}{feature[:3]}{series * 100 + maker + 1:05d}"
    certificate = f"国械注准{2016 + number % 9}3{c1}{number % 9000 + 1:04d}"
    name = kind.name if not series else f"{kind.name} {chr(64 + series)} 型"
    price = (Decimal(kind.price) * (100 + 3 * maker + series) / 100).quantize(Decimal("0.0001"))
    rows = tuple(
        _row(number, i, kind, generic, material, feature, certificate, name, producers[maker], count)
        for i in range(count)
    )
    codes = tuple(row["27位码"] for row in rows)
    return Product(generic, producers[maker], certificate, name, kind.unit, price, codes, rows)


def _row(number, i, kind: Kind, generic, material, feature, certificate, name, producer, count) -> dict[str, str]:
    code = f"{generic}{i + 1:07d}"
    size = kind.sizes[i % len(kind.sizes)]
    common = f"{kind.common_class[4:]}|{material[3:]}|{feature[4:]}"
    values = (
        str(1_000_000 + number * SPECIFICATIONS_EACH + i),
        _gtin(number * SPECIFICATIONS_EACH + i),
        code,
        "保留",
        code,
        "保留",
        generic,
        *kind.categories,
        kind.common_class,
        material,
        feature,
        certificate,
        name,
        producer,
        str(count),
        size,
        f"SF-{generic[1:3]}{number:04d}-{i + 1:02d}",
        generic[1:15],
        common,
    )
    return dict(zip(HEADINGS, values, strict=True))


def _gtin(number: int) -> str:
    """A 14-digit GS1 number with its check digit; every 17th product has none yet."""
    if number % 17 == 16:
        return ""
    body = f"0697{number:09d}"
    total = sum(int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(body))
    return f"{body}{-total % 10}"


def bad_rows(good: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Rows as real releases have them: a code without its serial, one cut by a spreadsheet, a second row of a known
    code with another product, an empty maker, a 20-digit code that does not fit, an unknown state."""
    first, second, third, fourth, fifth, sixth = (dict(good[-n]) for n in range(1, 7))
    first["27位码"] = first["原27位码"] = first["20位码"]
    second["27位码"] = second["原27位码"] = "1.01010100101001E+26"
    third["单件产品名称"] = "样例重复编码产品"
    fourth |= {"27位码": f"{fourth['20位码']}9000004", "原27位码": "", "类型": "新增", "耗材企业": ""}
    fifth |= {"27位码": f"{fifth['20位码']}9000005", "原27位码": "", "类型": "新增", "20位码": "C0101010010100104744"}
    sixth |= {"27位码": f"{sixth['20位码']}9000006", "原27位码": "", "类型": "待定"}
    return [first, second, third, fourth, fifth, sixth]


def quirky_rows(good: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Rows that must be taken all the same: a code in full-width lower case, the same row twice, full-width dashes."""
    wide = dict(good[0])
    wide["27位码"] = "".join(chr(ord(c) + 0xFEE0) for c in wide["27位码"].lower())
    dashed = dict(good[1])
    dashed["一级分类"] = dashed["一级分类"].replace("-", "－")
    return [wide, dashed, dict(good[2])]


def full_rows(specifications: int = 2_000, *, planted: bool = True, **choice) -> list[list[str]]:
    """The sheet's rows in the order of its headings: good ones, then (where `planted`) quirky and bad ones."""
    good = [row for product in products(specifications, **choice) for row in product.rows]
    extra = quirky_rows(good) + bad_rows(good) if planted and len(good) >= 6 else []
    return [[row[h] for h in HEADINGS] for row in (*good, *extra)]


def full_workbook(specifications: int = 2_000, **choice) -> bytes:
    """`16、医保医用耗材代码_…_全量规格型号信息.xlsx` with sheet `Query1`."""
    return xlsx_bytes(HEADINGS, full_rows(specifications, **choice), title="Query1")


def full_csv(specifications: int = 2_000, **choice) -> bytes:
    """The same as CSV."""
    return csv_bytes(HEADINGS, full_rows(specifications, **choice))


def disabled_rows(specifications: int = 2_000, **choice) -> list[list[str]]:
    """停用表: the last specification of every tenth product (one of them twice) and a code nobody knows."""
    ended = [p.codes[-1] for p in products(specifications, **choice)[9::10]]
    return [[code, "停用"] for code in (*ended, *ended[:1], "C99999999999999999990000001")]


def disabled_workbook(specifications: int = 2_000, **choice) -> bytes:
    """`30、停用表.xlsx`."""
    return xlsx_bytes(("27位码", "原码状态"), disabled_rows(specifications, **choice))


def transcode_rows(specifications: int = 2_000, **choice) -> list[list[str]]:
    """转码表: codes of an older release replaced (变更, some 映射) by the first specification of every 20th product."""
    rows = []
    for index, product in enumerate(products(specifications, **choice)[4::20]):
        old = f"{product.generic_code}{8_000_000 + index:07d}"
        rows.append([old, "停用", product.codes[0], "映射" if index % 10 == 9 else "变更"])
    return rows


def transcode_workbook(specifications: int = 2_000, **choice) -> bytes:
    """`31、转码表.xlsx`."""
    return xlsx_bytes(("原27位码", "原码状态", "27位码", "类型"), transcode_rows(specifications, **choice))
