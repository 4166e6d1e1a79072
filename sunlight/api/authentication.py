"""The API's caller is the request's actor: a machine with a token, or a person with a session and a CSRF token."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from sunlight.tenancy.queries.actors import bearer_of


class ScopeAuthentication(BaseAuthentication):
    def authenticate(self, request):
        inner = request._request
        if getattr(inner, "token_refused", False):
            raise AuthenticationFailed("访问令牌无效、已过期或已吊销。请向平台申请新的令牌。")
        if not inner.actor.is_authenticated:
            return None
        # Any other scheme leaves the session in charge, and a session needs its CSRF token.
        if bearer_of(request.headers.get("Authorization", "")) is None:
            check = CSRFCheck(lambda r: None)
            check.process_request(inner)
            reason = check.process_view(inner, None, (), {})
            if reason:
                raise PermissionDenied(f"CSRF 校验失败：{reason}")
        return inner.actor, None

    def authenticate_header(self, request):
        return "Bearer"


class ScopeAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = "sunlight.api.authentication.ScopeAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "机构接口令牌"}
