"""The doctor says in Chinese what is wrong and how to mend it."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from sunlight import scope
from sunlight.operations import checks
from sunlight.tenancy.tasks import seal_events
from tests import databases


def finding(name: str) -> checks.Finding:
    (found,) = checks.run({name: checks.DOCTOR[name]})
    return found


@pytest.fixture
def sealed(db):
    """The events of the template's own making, which are as old as the template, are sealed as the sealer would have."""
    seal_events()


def test_a_sound_installation(sealed, tmp_path, settings):
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "tabler.min.css").touch()
    settings.STATIC_ROOT = tmp_path
    out = StringIO()
    call_command("doctor", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[-1] == f"{len(checks.DOCTOR)} 项检查全部正常。"
    assert all(line.startswith("正常  ") for line in lines[:-1]) and len(lines) == len(checks.DOCTOR) + 1


def test_what_is_wrong_and_the_way_out(sealed, settings, tmp_path, monkeypatch):
    settings.STATIC_ROOT = tmp_path
    monkeypatch.setattr(checks.finders, "find", lambda name: None)
    out = StringIO()
    with pytest.raises(CommandError, match=r"14 项检查中有 1 项异常。"):
        call_command("doctor", stdout=out)
    assert "异常  页面资源：页面资源缺失" in out.getvalue()
    assert "处理：执行 python -m tools.embedded.assets" in out.getvalue()


@pytest.mark.parametrize(
    ("setting", "value", "word"),
    [
        ("DEBUG", True, "SUNLIGHT_DEBUG"),
        ("DEMO", True, "SUNLIGHT_DEMO"),
        ("SECRET_KEY_GIVEN", False, "SUNLIGHT_SECRET_KEY"),
        ("ENCRYPTION_KEYS", [], "SUNLIGHT_ENCRYPTION_KEY"),
        ("IDENTITY_KEYS", [], "SUNLIGHT_IDENTITY_KEY"),
        ("METRICS_TOKEN", "", "SUNLIGHT_METRICS_TOKEN"),
        ("CHECKPOINT_DIR", "", "SUNLIGHT_CHECKPOINT_DIR"),
    ],
)
def test_settings_unfit_for_production(db, settings, setting, value, word):
    settings.SECURE_COOKIES, settings.METRICS_TOKEN, settings.SECRET_KEY_GIVEN = True, "token", True
    settings.ENCRYPTION_KEYS, settings.IDENTITY_KEYS, settings.CHECKPOINT_DIR = ["key"], ["key"], "/nowhere"
    assert finding("settings").ok
    setattr(settings, setting, value)
    found = finding("settings")
    assert not found.ok and word in found.says


def test_a_table_outside_the_wall_is_found(db):
    assert finding("wall").ok
    from tests.databases import owner

    with owner() as opened, opened.cursor() as cursor:
        cursor.execute("create table loose (id int); grant select on loose to sun_hospital")
        try:
            found = finding("wall")
        finally:
            cursor.execute("drop table loose")
    assert not found.ok and found.says == "以下表没有强制行级安全：loose"


def test_a_role_that_somebody_gave_settings_is_told(own_database):
    """Not even readiness passes it by: the login role may do so itself, and so may an injected statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"alter role sun_app in database {own_database} set search_path = pg_temp")
    try:
        (found,) = checks.run({"role_settings": checks.READINESS["role_settings"]})
        assert not found.ok and "sun_app（search_path=pg_temp）" in found.says and "roles.sql" in found.mend
        # What the connection says itself wins over it.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("show search_path")
            assert cursor.fetchone() == ("public",)
    finally:
        databases.entitle(own_database)
    (found,) = checks.run({"role_settings": checks.READINESS["role_settings"]})
    assert found.ok


def test_rights_that_everybody_has_by_default_are_told(own_database):
    assert finding("roles").ok
    with databases.superuser(own_database) as powerful, powerful.cursor() as cursor:
        cursor.execute("grant execute on function pg_terminate_backend(int, bigint) to public")
    found = finding("roles")
    assert not found.ok and "pg_terminate_backend" in found.says
    with databases.superuser(own_database) as powerful, powerful.cursor() as cursor:
        cursor.execute(f"grant temp on database {own_database} to public")
    assert finding("roles").says == "应用的数据库账户权限过大，租户隔离可能失效"


def test_events_that_nobody_seals(world, monkeypatch):
    late = scope.now() + timedelta(seconds=checks.SEALED_WITHIN + 60)
    monkeypatch.setattr("sunlight.scope.now", lambda platform=None: late)
    found = finding("backlog")
    assert not found.ok and "未封存" in found.says and "celery beat" in found.mend


def test_applied_migrations_are_told_to_the_login_scope_alone(db):
    from django.db import ProgrammingError, transaction

    from sunlight.scope.actor import ANONYMOUS

    with pytest.raises(ProgrammingError), transaction.atomic(), scope.opened(ANONYMOUS), connection.cursor() as cursor:
        cursor.execute("select * from sun_applied_migrations()")
