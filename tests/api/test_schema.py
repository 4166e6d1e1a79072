"""The OpenAPI document is one a client generator can use."""

from io import StringIO

from django.core.management import call_command


def test_the_openapi_document_is_valid_and_complete(db):
    out = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)
    text = out.getvalue()
    assert text.startswith("openapi: 3.1.0")
    for path in ("/api/v1/offers/", "/api/v1/orders/", "/api/v1/payment-runs/", "/api/v1/rules/{name}/"):
        assert f"\n  {path}:" in text
