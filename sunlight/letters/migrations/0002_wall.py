from django.db import migrations

from sunlight.letters.workflows import EXTENSION, LETTER
from sunlight.scope import wall

# The addressee sees a letter once it is sent, whatever became of it since.
SENT_TO_IT = f"(platform_id, addressee_id) = {wall.PLATFORM_AND_PARTY} and sent_at is not null"
ANSWERED = wall.may_update(
    "state",
    "acknowledged_at",
    *wall.acted("acknowledged"),
    "acknowledged_by_name",
    "answered_at",
    "version",
)
OF_THE_LETTER = ("letter_id", "letters_letter")


class Migration(migrations.Migration):
    dependencies = [
        ("letters", "0001_schema"),
        ("scope", "0001_roles_and_functions"),
    ]
    operations = [
        wall.platform_rows("letters_lettertemplate"),
        wall.platform_rows("letters_letterhead"),
        wall.platform_rows("letters_letter"),
        wall.also("letters_letter", "sun_party", ANSWERED, SENT_TO_IT, "all"),
        wall.keeps_to("letters_letter", LETTER),
        wall.frozen_since(
            "letters_letter",
            "sent_at",
            "number",
            "year",
            "serial",
            "title",
            "text",
            "text_sha256",
            "kind",
            "about",
            "sender_id",
            "addressee_id",
            "seal_id",
            *wall.acted("sent"),
        ),
        wall.rows_of_parent(
            "letters_lettersubject",
            *OF_THE_LETTER,
            rights=wall.APPEND,
            hospital_rights=wall.READ,
            supplier_rights=wall.READ,
        ),
        wall.append_only("letters_lettersubject"),
        wall.rows_of_parent("letters_letteropening", *OF_THE_LETTER, rights=wall.APPEND),
        wall.append_only("letters_letteropening"),
        wall.rows_of_parent("letters_letteranswer", *OF_THE_LETTER, rights=wall.APPEND),
        wall.append_only("letters_letteranswer"),
        wall.rows_of_parent("letters_letteranswerfile", "answer_id", "letters_letteranswer", rights=wall.APPEND),
        wall.append_only("letters_letteranswerfile"),
        wall.rows_of_parent(
            "letters_letterextension",
            *OF_THE_LETTER,
            hospital_rights=wall.APPEND,
            supplier_rights=wall.APPEND,
        ),
        wall.keeps_to("letters_letterextension", EXTENSION),
    ]
