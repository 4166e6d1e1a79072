"""Every endpoint declares, per method, the roles that may call it; the permission matrix reads the same declaration."""

from rest_framework.permissions import BasePermission

from sunlight.scope.readers import admits

ANYBODY = frozenset({"ANYBODY"})


UNANSWERED = (
    "该接口目前没有可用的岗位：每个岗位须由本单位担任该岗位的一位人员确认为其负责（系统—接口职责确认）。"
    "请联系本单位管理员。"
)


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
        if actor.is_machine and actor.is_authenticated and not actor.roles:
            self.message = UNANSWERED
        return actor.is_authenticated and admits(roles, actor)
