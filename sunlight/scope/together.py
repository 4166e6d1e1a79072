"""A migration's operation that makes several models in one step."""

from collections.abc import Sequence

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class CreateTogether(Operation):
    """As the `CreateModel` operations one after another, but Django renders its models once and not anew at each, which
    takes most of the time of a first `migrate`: a model's neighbours are rendered with it, and here all are neighbours."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[CreateModel]):
        self.operations = operations

    def deconstruct(self):
        return type(self).__qualname__, [self.operations], {}

    def state_forwards(self, app_label, state):
        # Without rendered models none is rendered; the next who needs them renders them all.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def references_model(self, name, app_label):
        return any(operation.references_model(name, app_label) for operation in self.operations)

    def describe(self):
        return "Create " + ", ".join(operation.name for operation in self.operations)
