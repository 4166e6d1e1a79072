"""Opening pages as somebody: the test client with that actor's session."""

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from sunlight import scope
from sunlight.scope import Actor
from sunlight.tenancy.models import User


def client_of(actor: Actor, **options) -> Client:
    """A client that is logged in as the person of `actor`."""
    with scope.login_scope():
        user = User.objects.get(pk=actor.user_id)
    client = Client(**options)
    session = client.session
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client
