from django.db import migrations, models

# A page in order of id comes by (platform, party, id): these indexes serve the keys too, whose own go.
OLD = {
    "acceptance": [
        "procurement_buyer_i_623a90_idx",
        "procurement_seller__1c7b40_idx",
        "procurement_distrib_06951a_idx",
    ],
    "delivery": ["procurement_buyer_i_c8cd53_idx", "procurement_seller__f17ffb_idx", "procurement_distrib_12c784_idx"],
    "distributionauthorisation": ["procurement_distrib_689379_idx"],
    "offer": ["procurement_buyer_i_ce5362_idx"],
    "order": ["procurement_buyer_i_4c8a07_idx", "procurement_seller__928059_idx", "procurement_distrib_ccfc7d_idx"],
    "orderline": ["procurement_buyer_i_b80f45_idx", "procurement_seller__72c1ae_idx", "procurement_distrib_f2a59e_idx"],
    "priceagreement": ["procurement_seller__f15022_idx"],
    "supplycontract": ["procurement_buyer_i_f40993_idx", "procurement_seller__472155_idx"],
}
NEW = {
    "acceptance": {
        "": "procurement_platfor_67028f_idx",
        "region": "procurement_platfor_301439_idx",
        "buyer": "procurement_platfor_87e4f2_idx",
        "seller": "procurement_platfor_24ebfe_idx",
        "distributor": "procurement_platfor_23c2eb_idx",
    },
    "delivery": {
        "": "procurement_platfor_c5be7c_idx",
        "region": "procurement_platfor_06cd14_idx",
        "buyer": "procurement_platfor_9ec30a_idx",
        "seller": "procurement_platfor_b99485_idx",
        "distributor": "procurement_platfor_e7ae7d_idx",
    },
    "distributionauthorisation": {
        "": "procurement_platfor_0ffdcd_idx",
        "manufacturer": "procurement_platfor_397ab6_idx",
        "distributor": "procurement_platfor_a074d8_idx",
    },
    "offer": {
        "": "procurement_platfor_3524a3_idx",
        "region": "procurement_platfor_517e81_idx",
        "buyer": "procurement_platfor_612bba_idx",
        "seller": "procurement_platfor_5c81c3_idx",
    },
    "order": {
        "": "procurement_platfor_a50a35_idx",
        "region": "procurement_platfor_bfe503_idx",
        "buyer": "procurement_platfor_ffa213_idx",
        "seller": "procurement_platfor_4778c4_idx",
        "distributor": "procurement_platfor_af03b1_idx",
    },
    "orderline": {
        "": "procurement_platfor_b7a431_idx",
        "region": "procurement_platfor_051a05_idx",
        "buyer": "procurement_platfor_179ff5_idx",
        "seller": "procurement_platfor_b7abfc_idx",
        "distributor": "procurement_platfor_bfbaaf_idx",
    },
    "priceagreement": {
        "": "procurement_platfor_bec088_idx",
        "region": "procurement_platfor_3d5423_idx",
        "buyer": "procurement_platfor_5b5aa8_idx",
        "seller": "procurement_platfor_0ec89b_idx",
    },
    "supplycontract": {
        "": "procurement_platfor_a03bd1_idx",
        "region": "procurement_platfor_75b9dc_idx",
        "buyer": "procurement_platfor_7fd966_idx",
        "seller": "procurement_platfor_d01648_idx",
    },
}
KEYS = {
    "acceptance": ["buyer", "distributor", "platform", "region", "seller"],
    "delivery": ["buyer", "distributor", "platform", "region", "seller"],
    "offer": ["buyer", "platform", "region", "seller"],
    "order": ["buyer", "distributor", "platform", "region", "seller"],
    "orderline": ["buyer", "distributor", "platform", "region", "seller"],
    "priceagreement": ["buyer", "platform", "region", "seller"],
    "supplycontract": ["buyer", "platform", "region", "seller"],
}
TARGETS = {"platform": "tenancy.platform", "region": "tenancy.region"}


def key(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_index=False,
        null=name == "distributor",
        on_delete=models.PROTECT,
        related_name="+",
        to=TARGETS.get(name, "tenancy.organisation"),
    )


def page_index(column: str, name: str) -> models.Index:
    return models.Index(fields=["platform", *([column] if column else []), "-id"], name=name)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_search"),
        ("procurement", "0002_wall"),
        ("tenancy", "0002_wall"),
    ]
    operations = [
        *(migrations.RemoveIndex(model, name) for model, names in OLD.items() for name in names),
        *(migrations.AlterField(model, name, key(name)) for model, names in KEYS.items() for name in names),
        *(
            migrations.AddIndex(model, page_index(column, name))
            for model, columns in NEW.items()
            for column, name in columns.items()
        ),
    ]
