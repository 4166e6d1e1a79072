"""Who reads what of official letters. Which letters they see, `queries.letters_visible_to` and the wall say."""

from sunlight.letters.workflows import ANSWERING
from sunlight.scope.readers import REGULATORS, Readers

LETTERS = Readers("letter", ANSWERING, REGULATORS, faces=("letter_print", "letter_seal"))
# What an authority writes with: its own affair.
TEMPLATES = Readers("letter_template", REGULATORS)
HEADS = Readers("letter_head", REGULATORS, within="letter_template")
