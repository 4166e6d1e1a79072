from django.db import migrations, models

# Of every model its parties, with the index by each that is replaced: a party's index carries the other parties from now
# on, which the wall asks of every row, so that a count reads the index alone.
PARTIES = {
    "dealfact": {
        "buyer": "pricing_dea_platfor_bac60d_idx",
        "seller": "pricing_dea_platfor_54aadf_idx",
        "distributor": "pricing_dea_platfor_58470e_idx",
    },
}


def covering(model: str, party: str) -> models.Index:
    others = [other for other in PARTIES[model] if other != party]
    name = f"{model}_by_{party}"
    return models.Index(fields=["platform", party, "-id"], include=others, name=name)


class Migration(migrations.Migration):
    dependencies = [("pricing", "0005_distribution")]

    operations = [
        operation
        for model, replaced in PARTIES.items()
        for party, old in replaced.items()
        for operation in (
            migrations.AddIndex(model, covering(model, party)),
            migrations.RemoveIndex(model, old),
        )
    ]
