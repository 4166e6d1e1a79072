"""A migration's operation for the indexes by which each party pages through a trade table."""

from django.db import models
from django.db.migrations.operations.base import Operation


class CoverParties(Operation):
    """Each party's index carries the other parties from now on, which the wall asks of every row, so that a count reads
    the index alone. `replaced` names the index of each party that this one takes the place of. No model is rendered anew
    for it: that takes long, and what is rendered tells nobody of its indexes."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model: str, replaced: dict[str, str], label: str = ""):
        self.model, self.replaced, self.label = model, replaced, label or model

    def _covering(self, party: str) -> models.Index:
        others = [other for other in self.replaced if other != party]
        return models.Index(fields=["platform", party, "-id"], include=others, name=f"{self.label}_by_{party}")

    def _replaced(self, party: str) -> models.Index:
        return models.Index(fields=["platform", party, "-id"], name=self.replaced[party])

    def state_forwards(self, app_label, state):
        options = state.models[app_label, self.model].options
        kept = [index for index in options["indexes"] if index.name not in self.replaced.values()]
        options["indexes"] = [*kept, *map(self._covering, self.replaced)]

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model)
        for party in self.replaced:
            schema_editor.add_index(model, self._covering(party))
            schema_editor.remove_index(model, self._replaced(party))

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model)
        for party in self.replaced:
            schema_editor.add_index(model, self._replaced(party))
            schema_editor.remove_index(model, self._covering(party))

    def describe(self):
        return f"Let the indexes of {self.model} by party carry the other parties"
