"""The token endpoint of OAuth 2 (RFC 6749, 4.4: client credentials). Its errors are RFC 6749's, not problem details."""

import base64
import binascii
from urllib.parse import unquote_plus

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from sunlight import scope
from sunlight.api.permissions import ANYBODY
from sunlight.api.views import Endpoint
from sunlight.tenancy.services.oauth import TOKEN_LIFE, OAuthRefused, oauth_token_issue


class TokenForm(serializers.Serializer):
    """The client's id and secret by HTTP Basic, or here; never both."""

    grant_type = serializers.ChoiceField(["client_credentials"])
    scope = serializers.CharField(required=False, help_text="以空格分隔的岗位；不填为该客户端的全部权限")
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class TokenAnswer(serializers.Serializer):
    access_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField()
    scope = serializers.CharField()


class TokenError(serializers.Serializer):
    error = serializers.CharField()
    error_description = serializers.CharField()


class Token(Endpoint):
    """Fetch a token for thirty minutes. Request another when it expires; there is no refresh token."""

    authentication_classes = ()
    parser_classes = [FormParser]
    roles = {"POST": ANYBODY}

    @extend_schema(
        operation_id="oauth2_token",
        summary="以客户端凭据换取访问令牌",
        tags=["oauth2"],
        request={"application/x-www-form-urlencoded": TokenForm},
        responses={200: TokenAnswer, 400: TokenError, 401: TokenError},
    )
    def post(self, request):
        try:
            client_id, secret, wanted = _credentials(request)
            with scope.login_scope():
                token, scopes = oauth_token_issue(client_id=client_id, secret=secret, wanted=wanted, at=scope.now())
        except OAuthRefused as refused:
            return _refused(refused)
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": " ".join(sorted(scopes)),
        }
        return Response(answer, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _credentials(request) -> tuple[str, str, str]:
    """Client id, secret and scope. Raises OAuthRefused."""
    form = request.data
    if any(len(form.getlist(name)) > 1 for name in form):
        raise OAuthRefused("invalid_request", "参数不能重复。")
    grant = form.get("grant_type", "")
    if not grant:
        raise OAuthRefused("invalid_request", "缺少 grant_type。")
    if grant != "client_credentials":
        raise OAuthRefused("unsupported_grant_type", "只支持 client_credentials。")
    header = request.headers.get("Authorization", "")
    if header[:6].lower() == "basic ":
        if "client_secret" in form:
            raise OAuthRefused("invalid_request", "客户端凭据只能以一种方式给出。")
        client_id, secret = _basic(header[6:])
        if form.get("client_id", client_id) != client_id:
            raise OAuthRefused("invalid_request", "client_id 与 Authorization 不一致。")
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not client_id or not secret:
        raise OAuthRefused("invalid_client", "缺少客户端凭据。")
    return client_id, secret, form.get("scope", "")


def _basic(encoded: str) -> tuple[str, str]:
    try:
        user, found, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise OAuthRefused("invalid_client", "Authorization 格式有误。") from error
    if not found:
        raise OAuthRefused("invalid_client", "Authorization 格式有误。")
    return unquote_plus(user), unquote_plus(secret)


def _refused(refused: OAuthRefused) -> Response:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    status = 400
    if refused.code == "invalid_client":
        status, headers["WWW-Authenticate"] = 401, 'Basic realm="sunlight"'
    return Response({"error": refused.code, "error_description": refused.description}, status=status, headers=headers)
