from django.db import migrations, models

# Of every model its parties, with the index by each that is replaced: a party's index carries the other parties from now
# on, which the wall asks of every row, so that a count reads the index alone.
PARTIES = {
    "invoice": {
        "buyer": "settlement__platfor_5fce3d_idx",
        "seller": "settlement__platfor_07f1f3_idx",
        "distributor": "settlement__platfor_781d28_idx",
    },
    "payable": {
        "buyer": "settlement__platfor_1cb874_idx",
        "seller": "settlement__platfor_37bf19_idx",
        "distributor": "settlement__platfor_b2b65b_idx",
    },
    "payment": {
        "buyer": "settlement__platfor_780285_idx",
        "seller": "settlement__platfor_b9bb4b_idx",
        "distributor": "settlement__platfor_d0fad4_idx",
    },
}


def covering(model: str, party: str) -> models.Index:
    others = [other for other in PARTIES[model] if other != party]
    name = f"{model}_by_{party}"
    return models.Index(fields=["platform", party, "-id"], include=others, name=name)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0003_page_indexes")]

    operations = [
        operation
        for model, replaced in PARTIES.items()
        for party, old in replaced.items()
        for operation in (
            migrations.AddIndex(model, covering(model, party)),
            migrations.RemoveIndex(model, old),
        )
    ]
