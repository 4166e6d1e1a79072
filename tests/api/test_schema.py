"""The OpenAPI document is one a client generator can use."""

from io import StringIO

from django.core.management import call_command

from tests.security import bodies
from tests.security.routes import walk


def test_the_openapi_document_is_valid_and_complete(db):
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    text = out.getvalue()
    assert text.startswith("openapi: 3.1.0")
    for path in ("/api/v1/offers/", "/api/v1/orders/", "/api/v1/payment-runs/", "/api/v1/rules/{name}/"):
        assert f"\n  {path}:" in text


def test_an_answer_with_a_secret_is_kept_sealed():
    """Whoever gets a secret by POST may ask again with the same key, so the answer is kept: not in clear."""
    views = {"/" + bodies.template(pattern): view for pattern, _, view in walk()}
    document = bodies.document()
    filler, telling = bodies.Filler(document), set()
    for (method, path), operation in bodies.operations(document).items():
        for status, answer in operation["responses"].items():
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if method != "POST" or not status.startswith("2") or not schema:
                continue
            if any(place.endswith(("secret", "password")) for place, _ in filler.places(schema)):
                telling.add(path)
                assert views[path].cls.tells_secret, path
    assert len(telling) == 2
