"""A commitment is signed where a text asks for it; elsewhere a listing is submitted without one."""

from django.db import migrations, models

from catalog.workflows import ListingState


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_bargain_replaced_codes")]

    operations = [
        migrations.RemoveConstraint("listing", "a_submitted_listing_carries_its_commitment"),
        migrations.AddConstraint(
            "listing",
            models.CheckConstraint(
                condition=models.Q(state=ListingState.DRAFT) | models.Q(submitted_at__isnull=False),
                name="a_submitted_listing_says_when",
            ),
        ),
    ]
