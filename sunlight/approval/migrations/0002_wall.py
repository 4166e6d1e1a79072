from django.db import migrations

from sunlight.approval.workflows import APPROVAL
from sunlight.scope import wall


class Migration(migrations.Migration):
    dependencies = [
        ("approval", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.party_rows(
            "approval_approvalchain",
            ("organisation_id",),
            region=None,
            party_rights=wall.APPEND,
            platform_rights=wall.APPEND,
        ),
        wall.append_only("approval_approvalchain"),
        wall.party_rows("approval_approvaldelegation", ("organisation_id",), region=None),
        wall.party_rows("approval_approvalrequest", ("organisation_id",), region=None),
        wall.keeps_to("approval_approvalrequest", APPROVAL),
        wall.rows_of_parent("approval_approvalact", "request_id", "approval_approvalrequest", rights=wall.APPEND),
        wall.append_only("approval_approvalact"),
    ]
