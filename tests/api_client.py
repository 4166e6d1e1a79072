"""Calling the API as a machine of an organisation would: with its token."""

import json

from django.test import Client

from sunlight import scope
from sunlight.tenancy import services


class ApiClient:
    """`ApiClient(world, "hospital", Role.HOSPITAL_BUYER).post("/api/v1/offers/", {...})` -> (status, body)."""

    def __init__(self, world, key: str, *roles):
        with scope.opened(world.system):
            self.secret = services.token_issue(
                actor=world.system,
                at=scope.now(),
                organisation=world.organisations[key],
                platform=world.platform,
                name=key,
                roles=list(roles),
            )
        self.client = Client()

    def _answer(self, response):
        return response.status_code, json.loads(response.content) if response.content else None

    def get(self, path, **query):
        return self._answer(self.client.get(path, query, headers={"Authorization": f"Bearer {self.secret}"}))

    def post(self, path, body=None, **headers):
        return self._answer(
            self.client.post(
                path,
                json.dumps({} if body is None else body),
                content_type="application/json",
                headers={"Authorization": f"Bearer {self.secret}"} | headers,
            )
        )
