"""Asking as anybody, for the tests that have an `estate`."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from sunlight.web.middleware import ActorMiddleware


@pytest.fixture
def ask(estate, monkeypatch):
    """`ask(actor, method, path)`: the answer the browser gets; who asks is given, all the rest of the way is real. `body`
    is JSON for the API."""
    who = []

    def resolve(self, request):
        actor = who[0]
        if actor.is_authenticated:
            request.membership = estate.membership(actor)
            request.memberships = [request.membership]
        return None, actor

    monkeypatch.setattr(ActorMiddleware, "_resolve", resolve)
    # One for all requests, since each loads the middleware anew; the cookies are thrown away.
    browsers = {raising: Browser(raise_request_exception=raising) for raising in (False, True)}

    def asking(actor, method, where, raising=False, body=None, **headers):
        who[:] = [actor]
        browsers[raising].cookies.clear()
        sent = (
            {"data": json.dumps(body or {}), "content_type": "application/json"}
            if "/api/" in where and method not in ("GET", "HEAD")
            else {}
        )
        try:
            answer = getattr(browsers[raising], method.lower())(where, **sent, headers=headers)
        except pytest.fail.Exception as undefined:  # a template variable
            return HttpResponse(str(undefined), status=599)
        if answer.streaming:  # a sheet on disk, which somebody must close
            answer.streaming_content = [b"".join(answer.streaming_content)]
            answer.close()
        return answer

    return asking
