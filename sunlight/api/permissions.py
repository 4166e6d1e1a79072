"""Every endpoint declares, per method, the roles that may call it; the permission matrix reads the same declaration."""

from rest_framework.permissions import BasePermission

from sunlight.scope.readers import admits

ANYBODY = frozenset({"ANYBODY"})


class HasRole(BasePermission):
    message = "您的岗位无权调用此接口。"

    def has_permission(self, request, view):
        roles = view.roles.get(request.method)
        if roles is None:
            # The method is not offered: let the view answer 405.
            return True
        if roles == ANYBODY:
            return True
        actor = request._request.actor
        return actor.is_authenticated and admits(roles, actor)
