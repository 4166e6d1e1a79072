"""Database sessions, read and written in the login scope: who asks is not known before they are read."""

from django.contrib.sessions.backends import db

from sunlight.scope import login_scope


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        with login_scope():
            return super()._get_session_from_db()

    def exists(self, session_key):
        with login_scope():
            return super().exists(session_key)

    def save(self, must_create=False):
        with login_scope():
            return super().save(must_create)

    def delete(self, session_key=None):
        with login_scope():
            return super().delete(session_key)

    @classmethod
    def get_model_class(cls):
        from django.contrib.sessions.models import Session

        return Session
