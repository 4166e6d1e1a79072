from django.db import migrations, models

# Of every model its parties, with the index by each that is replaced: a party's index carries the other parties from now
# on, which the wall asks of every row, so that a count reads the index alone.
PARTIES = {
    "acceptance": {
        "buyer": "procurement_platfor_87e4f2_idx",
        "seller": "procurement_platfor_24ebfe_idx",
        "distributor": "procurement_platfor_23c2eb_idx",
    },
    "delivery": {
        "buyer": "procurement_platfor_9ec30a_idx",
        "seller": "procurement_platfor_b99485_idx",
        "distributor": "procurement_platfor_e7ae7d_idx",
    },
    "distributionauthorisation": {
        "manufacturer": "procurement_platfor_397ab6_idx",
        "distributor": "procurement_platfor_a074d8_idx",
    },
    "offer": {
        "buyer": "procurement_platfor_612bba_idx",
        "seller": "procurement_platfor_5c81c3_idx",
    },
    "order": {
        "buyer": "procurement_platfor_ffa213_idx",
        "seller": "procurement_platfor_4778c4_idx",
        "distributor": "procurement_platfor_af03b1_idx",
    },
    "orderline": {
        "buyer": "procurement_platfor_179ff5_idx",
        "seller": "procurement_platfor_b7abfc_idx",
        "distributor": "procurement_platfor_bfbaaf_idx",
    },
    "priceagreement": {
        "buyer": "procurement_platfor_5b5aa8_idx",
        "seller": "procurement_platfor_0ec89b_idx",
    },
    "supplycontract": {
        "buyer": "procurement_platfor_7fd966_idx",
        "seller": "procurement_platfor_d01648_idx",
    },
}


def covering(model: str, party: str) -> models.Index:
    others = [other for other in PARTIES[model] if other != party]
    # Django takes names of up to 30 characters.
    name = f"{model.removeprefix('distribution')}_by_{party}"
    return models.Index(fields=["platform", party, "-id"], include=others, name=name)


class Migration(migrations.Migration):
    dependencies = [("procurement", "0004_offer_sheets")]

    operations = [
        operation
        for model, replaced in PARTIES.items()
        for party, old in replaced.items()
        for operation in (
            migrations.AddIndex(model, covering(model, party)),
            migrations.RemoveIndex(model, old),
        )
    ]
