"""Database sessions, read and written in the login scope: who asks is not known before they are read. A session ends
when its person was idle too long, and in any case some hours after it began (`profile`)."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from sunlight import scope
from sunlight.scope import login_scope
from sunlight.tenancy import profile

STARTED, CLIENT = "_started", "_client"
# Being seen is written this often, in seconds.
_SEEN_EVERY = 60


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls):
        from sunlight.tenancy.models import Session

        return Session

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        now = scope.now()
        row.seen_at = now
        row.started_at = data.setdefault(STARTED, now.isoformat())
        row.user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row.address, row.agent = data.get(CLIENT, ["", ""])
        return row

    def begin(self, client) -> None:
        """A person has just logged in here: count the limits from now, keep from where."""
        self[STARTED] = scope.now().isoformat()
        self[CLIENT] = [client.address[:64], client.agent[:300]]

    def touch(self) -> None:
        """Note that the person is still there; to be called in the login scope."""
        row, now = getattr(self, "_row", None), scope.now()
        if row is not None and (now - row.seen_at).total_seconds() >= _SEEN_EVERY:
            self.model.objects.filter(session_key=row.session_key).update(seen_at=now)

    def _get_session_from_db(self):
        with login_scope():
            row = super()._get_session_from_db()
        now, limits = scope.now(), profile.current()
        if row is not None and (now - row.seen_at >= limits.idle or now - row.started_at >= limits.absolute):
            self._session_key = None
            return None
        self._row = row
        return row

    def exists(self, session_key):
        with login_scope():
            return super().exists(session_key)

    def save(self, must_create=False):
        with login_scope():
            return super().save(must_create)

    def delete(self, session_key=None):
        with login_scope():
            return super().delete(session_key)
