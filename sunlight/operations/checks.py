"""What must hold for the platform to serve, and what an operator should know: each check says what is wrong and how to
mend it. `/readyz` runs `READINESS`, `manage.py doctor` everything."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import redis
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from sunlight import scope
from sunlight.files.scanning import scanned
from sunlight.journal.refusals import Refused
from sunlight.kernel import workdays
from sunlight.operations import queries
from sunlight.tenancy.queries.demo import demo_accounts
from sunlight.tenancy.queries.identities import identities_under_lost_keys
from sunlight.web import proxy

# An event is sealed within about a second; after this many seconds nobody is sealing.
SEALED_WITHIN = 300
# A checkpoint is at most a day old; after this many seconds nobody makes any.
DAY_AND_MORE = 25 * 3600


class Ill(Exception):
    """What a check found wrong, and how to mend it, in Chinese."""

    def __init__(self, wrong: str, mend: str):
        super().__init__(wrong)
        self.wrong, self.mend = wrong, mend


@dataclass(frozen=True)
class Finding:
    """What one check found. `wrong` and `mend` are for operators; `/readyz` shows only names and yes or no."""

    name: str
    title: str
    ok: bool
    says: str = ""
    mend: str = ""


def database() -> str:
    try:
        with scope.login_scope(), connection.cursor() as cursor:
            cursor.execute("select session_user, current_user, current_setting('server_version')")
            user, role, version = cursor.fetchone()
    except DatabaseError as error:
        raise Ill(
            f"无法以应用账户连接数据库（{type(error).__name__}）",
            "检查 DATABASE_URL、数据库是否启动、sun_app 的口令，以及是否执行过 sunlight/scope/sql/roles.sql。",
        ) from error
    if role != "sun_login":
        raise Ill(f"数据库角色未生效（{role}）", "以超级用户重新执行 sunlight/scope/sql/roles.sql。")
    return f"{user}，PostgreSQL {version}"


@cache
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def migrations() -> str:
    mend = "以 DATABASE_OWNER_URL 执行 manage.py migrate，再执行 manage.py load_reference。"
    try:
        with scope.login_scope(), connection.cursor() as cursor:
            cursor.execute("select app, name from sun_applied_migrations()")
            applied = set(cursor.fetchall())
    except DatabaseError as error:
        raise Ill("读不到已执行的数据库迁移", mend) from error
    missing = sorted(_migrations_on_disk() - applied)
    if missing:
        raise Ill("有未执行的数据库迁移：" + "、".join(f"{app}.{name}" for app, name in missing[:5]), mend)
    return f"{len(applied)} 个迁移均已执行"


def broker() -> str:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as server:
            server.ping()
    except (redis.RedisError, ValueError) as error:
        raise Ill(
            f"无法连接 Redis（{type(error).__name__}）", "检查 REDIS_URL、口令以及 Redis（或 Valkey）是否启动。"
        ) from error
    return "可连接"


def calendar() -> str:
    year, known = scope.today().year, workdays.official()
    if year not in known.years:
        raise Ill(
            f"工作日历没有 {year} 年，所有期限均为暂定",
            f"按国务院办公厅的放假通知把 {year} 年补入 sunlight/kernel/data/workdays.csv，并更新版本号后重新部署。",
        )
    return f"{known.version}，至 {max(known.years)} 年"


def policy() -> str:
    try:
        loaded = scope.policy()
    except Exception as error:  # whatever is wrong with the law, nobody may trade under it
        raise Ill(
            f"政策参数无法加载：{error}"[:500], "检查 sunlight/acts 与各模块 policy 目录最近的改动，或回退版本。"
        ) from error
    return f"{len(loaded.acts)} 部文件"


def role_settings() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.rolname, array_to_string(s.setconfig, '、') from pg_db_role_setting s join pg_roles r on r.oid = s.setrole"
            " where r.rolname ~ '^sun_' and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))"
            " order by 1"
        )
        found = [f"{role}（{said}）" for role, said in cursor.fetchall()]
    if found:
        raise Ill(
            "有人给数据库账户设了默认参数：" + "；".join(found)[:400],
            "平台从不这样设置，很可能有人执行了注入的语句：停止服务，核对是谁所为，更换账户口令；再以超级用户重新执行"
            " sunlight/scope/sql/roles.sql（会清除这些参数）。",
        )
    return "数据库账户没有自带参数"


# What PostgreSQL lets everybody do and `roles.sql` takes away; one stands for its kind.
TAKEN_AWAY = (
    "lo_create(oid)",
    "lo_from_bytea(oid,bytea)",
    "pg_terminate_backend(integer,bigint)",
    "pg_cancel_backend(integer)",
    "pg_stat_get_activity(integer)",
    "pg_lock_status()",
)


def roles() -> str:
    mend = "以超级用户重新执行 sunlight/scope/sql/roles.sql，并确认 DATABASE_URL 使用 sun_app。"
    with connection.cursor() as cursor:
        cursor.execute(
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolinherit,"
            " exists (select from pg_class where relowner = r.oid), has_database_privilege(current_database(), 'temp, create'),"
            " array(select f from unnest(%s) f where has_function_privilege('pg_catalog.' || f, 'execute'))"
            " from pg_roles r where rolname = session_user",
            [list(TAKEN_AWAY)],
        )
        powerful, owner, may_make, functions = cursor.fetchone()
    if powerful or owner or may_make:
        raise Ill("应用的数据库账户权限过大，租户隔离可能失效", mend)
    if functions:
        raise Ill("应用的数据库账户还能执行：" + "、".join(functions), mend)
    return "应用账户不拥有任何表，也不能绕过行级安全"


def wall() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
            " and not (c.relrowsecurity and c.relforcerowsecurity)"
            " and exists (select from aclexplode(c.relacl) a join pg_roles g on g.oid = a.grantee"
            "   where g.rolname in ('sun_app', 'sun_hospital', 'sun_supplier', 'sun_platform', 'sun_login')) order by 1"
        )
        open_tables = [name for (name,) in cursor.fetchall()]
    if open_tables:
        raise Ill(
            "以下表没有强制行级安全：" + "、".join(open_tables[:8]),
            "立即停止服务；核对是谁在迁移之外改了表或授权，再以所有者恢复 alter table … force row level security。",
        )
    return "所有可读的表都强制行级安全"


def backlog() -> str:
    waiting = queries.backlog(scope.now())
    if waiting.dead:
        raise Ill(f"{waiting.dead} 条事件未能送达", "由系统管理员在“系统 → 未送达事件”查看错误，排除后重试。")
    if waiting.unsealed_age > SEALED_WITHIN:
        raise Ill(
            f"{waiting.unsealed} 条事件未封存，最早的已等 {waiting.unsealed_age:.0f} 秒",
            "确认 celery beat（恰好一个）与 worker 在运行，并查看其日志。",
        )
    return f"待送达 {waiting.waiting} 条，待封存 {waiting.unsealed} 条"


def history() -> str:
    """That nothing speaks for a rewritten journal, and that checkpoints go on being made."""
    try:
        stands = queries.outside(scope.now())
    except OSError as error:
        raise Ill(
            f"读不到检查点文件（{type(error).__name__}）", "检查 SUNLIGHT_CHECKPOINT_DIR 是否存在、能否读写。"
        ) from error
    if stands.lost:
        raise Ill(
            "封存链中没有已签发的检查点：" + "、".join(stands.lost[:3]),
            "不要改动任何数据；按 docs/operations.md 的“The journal's alarm”保全数据库与检查点文件，并告知审计管理员与监管部门。",
        )
    if stands.alarms:
        raise Ill(
            f"最近一天有 {stands.alarms} 次日志告警",
            "在“监管 → 日志核验”查看原因，按 docs/operations.md 的“The journal's alarm”处理。",
        )
    if not settings.CHECKPOINT_KEY_FILE:
        return "本机没有检查点签名密钥" + ("" if stands.age is None else f"，最近检查点 {stands.age:.0f} 秒前")
    # Where nothing happens one is made a day.
    if stands.age is None or stands.age > DAY_AND_MORE:
        raise Ill("检查点没有按时签发", "确认 celery beat 与 worker 在运行，worker 能读取 SUNLIGHT_CHECKPOINT_KEY。")
    return f"最近检查点 {stands.age:.0f} 秒前"


def assets() -> str:
    wanted = "vendor/tabler.min.css"
    if not finders.find(wanted) and not (settings.STATIC_ROOT / wanted).is_file():
        raise Ill(
            "页面资源缺失，页面会没有样式",
            "执行 python -m tools.embedded.assets，再执行 manage.py collectstatic --no-input。",
        )
    return "齐全"


def scanner() -> str:
    if not settings.CLAMD_ADDRESS:
        return "未配置病毒查杀"
    try:
        scanned(b"doctor")
    except Refused as silent:
        raise Ill(
            "病毒查杀服务没有应答，所有上传均被拒收", "检查 SUNLIGHT_CLAMD 与 clamd 是否启动、套接字是否可读写。"
        ) from silent
    return settings.CLAMD_ADDRESS


def production() -> str:
    faults = []
    if settings.DEBUG:
        faults.append("SUNLIGHT_DEBUG=1 会泄露内部信息")
    if settings.SECURE_COOKIES and settings.DEMO:
        faults.append("SUNLIGHT_DEMO=1 会在登录页列出账号")
    if settings.SECURE_COOKIES and not settings.DEMO and demo_accounts():
        faults.append("数据库中有启用的演示账号")
    if settings.SECURE_COOKIES and not settings.SECRET_KEY_GIVEN:
        faults.append("没有设置 SUNLIGHT_SECRET_KEY，各进程密钥不同，登录会随机失效")
    if settings.SECURE_COOKIES and len(settings.TICKET_KEYS) > 2:
        faults.append("SUNLIGHT_TICKET_KEY 多于两个，数据库只认前两个")
    if settings.SECURE_COOKIES and not settings.ENCRYPTION_KEYS:
        faults.append("没有设置 SUNLIGHT_ENCRYPTION_KEY，更换 SUNLIGHT_SECRET_KEY 后动态口令与事件推送密钥全部失效")
    if settings.SECURE_COOKIES and not settings.IDENTITY_KEYS:
        faults.append("没有设置 SUNLIGHT_IDENTITY_KEY，更换加密密钥后认不出同一人的手机和证件")
    if lost := identities_under_lost_keys():
        faults.append(f"有 {lost} 条身份摘要的密钥已不在 SUNLIGHT_IDENTITY_KEY 中，请把原密钥加回列表末尾")
    if settings.SECURE_COOKIES and not settings.METRICS_TOKEN:
        faults.append("没有设置 SUNLIGHT_METRICS_TOKEN，/metrics 已关闭，无法监控")
    if settings.SECURE_COOKIES and not settings.CHECKPOINT_DIR:
        faults.append("没有设置 SUNLIGHT_CHECKPOINT_DIR，数据库之外没有日志检查点，历史可被改写而不留痕迹")
    if faults:
        raise Ill("；".join(faults), "修改环境变量（docs/deployment.md）后重新启动各进程。")
    return "生产设置" if settings.SECURE_COOKIES else "非生产设置（SUNLIGHT_HTTPS 未设置）"


def proxies() -> str:
    if proxy.seen_lately():
        raise Ill(
            "请求带有 X-Forwarded-For，但 SUNLIGHT_PROXY_COUNT 为 0：所有访问者都按代理的地址计，一人输错密码会锁住所有人",
            "把 SUNLIGHT_PROXY_COUNT 设为前置代理的层数（docs/deployment.md）后重新启动；前面没有代理的，是访问者自行添加，可不处理。",
        )
    return f"前置代理 {settings.PROXY_COUNT} 层"


READINESS: dict[str, tuple[str, Callable[[], str]]] = {
    "database": ("数据库", database),
    "migrations": ("数据库迁移", migrations),
    "redis": ("Redis", broker),
    "workdays": ("工作日历", calendar),
    "policy": ("政策参数", policy),
    "role_settings": ("账户参数", role_settings),
}
DOCTOR: dict[str, tuple[str, Callable[[], str]]] = {
    **READINESS,
    "roles": ("数据库账户", roles),
    "wall": ("租户隔离", wall),
    "backlog": ("事件送达与封存", backlog),
    "history": ("日志检查点", history),
    "assets": ("页面资源", assets),
    "scanner": ("病毒查杀", scanner),
    "settings": ("设置", production),
    "proxies": ("前置代理", proxies),
}


def run(checks: dict[str, tuple[str, Callable[[], str]]]) -> list[Finding]:
    """Every check's finding. A check that breaks has found something wrong."""
    findings = []
    for name, (title, check) in checks.items():
        try:
            findings.append(Finding(name, title, True, check()))
        except Ill as ill:
            findings.append(Finding(name, title, False, ill.wrong, ill.mend))
        except Exception as error:
            findings.append(
                Finding(name, title, False, f"检查未能完成（{type(error).__name__}）", "先解决以上问题，再重新检查。")
            )
    return findings
