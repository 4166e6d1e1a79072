from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.journal import checkpoints, verifier
from sunlight.tenancy.queries.actors import all_platform_actors


def head(text: str) -> tuple[int, str]:
    """`1234:<64 hexadecimal digits>` as printed by an earlier run."""
    number, _, digest = text.partition(":")
    if not number.isdigit() or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise CommandError(f"封存点“{text}”格式有误，应为 序号:64 位十六进制，如先前运行所打印。")
    return int(number), digest


class Command(BaseCommand):
    help = (
        "Reads every platform's sealed journal again, recomputes its hash chain and looks for its checkpoints. Prints each platform's head, to be noted"
        " outside the database; exits with 1 where anything does not hold."
    )

    def add_arguments(self, parser):
        parser.add_argument("--platform", help="only this platform's code")
        parser.add_argument("--expect-head", metavar="N:HASH", help="a head noted earlier (with --platform)")

    def handle(self, *args, platform=None, expect_head=None, **options):
        if expect_head and not platform:
            raise CommandError("--expect-head 须与 --platform 一起使用：每个平台各有一条链。")
        expected = head(expect_head) if expect_head else None
        actors = [a for a in all_platform_actors() if platform in (None, a.platform_code)]
        if not actors:
            raise CommandError(f"没有代码为“{platform}”的平台。")
        faulty = 0
        for actor in actors:
            with scope.opened(actor):
                report = verifier.verify(
                    platform_id=actor.platform_id, at=scope.now(actor.platform_code), expected_head=expected
                )
                report.faults += checkpoints.faults(actor)
            self.stdout.write(
                f"{actor.platform_code}：已封存 {report.sealed} 条，封存点 {report.head[0]}:{report.head[1]}"
            )
            for fault in report.faults:
                self.stdout.write(f"  {fault}")
            faulty += bool(report.faults)
        if faulty:
            raise CommandError(f"{faulty} 个平台的记录与封存不符，请立即通知安全管理员并保全数据库。", returncode=1)
