from sunlight.scope import login_scope
from sunlight.tenancy.models import User


class PasswordBackend:
    """Name and password. The time taken does not show whether the user exists: a missing user is hashed too."""

    def authenticate(self, request, username=None, password=None):
        if not username or password is None:
            return None
        with login_scope():
            user = User.objects.filter(username=username).first()
            if user is None:
                User().set_password(password)
                return None
            return user if user.check_password(password) and user.is_active else None

    def get_user(self, user_id):
        with login_scope():
            return User.objects.filter(pk=user_id, is_active=True).first()
