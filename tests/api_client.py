"""Calling pages and API as somebody: a person with a session, or a machine of an organisation with its token."""

import json

from django.test import Client

from sunlight import scope
from sunlight.scope import Actor, Role
from sunlight.tenancy.models import User
from tests.machines import token_of


def logged_in(actor: Actor) -> Client:
    """A browser in which the person behind `actor` (from `world.actor`) is logged in."""
    client = Client()
    with scope.login_scope():
        user = User.objects.get(id=actor.user_id)
        client.force_login(user, backend="sunlight.tenancy.backends.PasswordBackend")
    return client


class ApiClient:
    """`ApiClient(world, "hospital", Role.HOSPITAL_BUYER).post("/api/v1/offers/", {...})` -> (status, body).

    A machine with a token, for each of whose roles somebody of its own answers; with `person=True` (or a name that tells two of one role apart) a person with a session, which four-eyes rules tell apart.
    """

    def __init__(self, world, key: str, *roles: Role, person: bool | str = False):
        self.headers = {}
        if person:
            self.client = logged_in(world.actor(key, *roles, person="" if person is True else person))
            return
        self.client = Client()
        name = f"{key} {','.join(roles)}"[:80]
        self.secret = token_of(world.system, world.organisations[key], world.platform, *roles, name=name)
        self.headers = {"Authorization": f"Bearer {self.secret}"}

    def _answer(self, response):
        return response.status_code, json.loads(response.content) if response.content else None

    def get(self, path, **query):
        return self._answer(self.client.get(path, query, headers=self.headers))

    def post(self, path, body=None, **headers):
        return self.post_text(path, json.dumps({} if body is None else body), **headers)

    def post_text(self, path, text: str, **headers):
        """A body as it is, JSON or not."""
        return self._answer(
            self.client.post(path, text, content_type="application/json", headers=self.headers | headers)
        )
