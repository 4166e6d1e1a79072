from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.journal import sealer
from sunlight.tenancy.queries import open_platform_actors


class Command(BaseCommand):
    help = (
        "Reads every platform's sealed chain again and says what does not agree; exit code 1 where anything does not."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="PLATFORM:SEQUENCE:HASH",
            help="a head noted earlier outside the database; shows a chain cut off or rebuilt since",
        )

    def handle(self, *args, **options):
        heads = {}
        for noted in options["head"]:
            platform, _, rest = noted.partition(":")
            sequence, _, digest = rest.partition(":")
            if not sequence.isdigit() or len(digest) != 64:
                raise CommandError(f"{noted} 不是 平台:序号:哈希。")
            heads[platform] = (int(sequence), digest)
        actors = {actor.platform_code: actor for actor in open_platform_actors()}
        if unknown := heads.keys() - actors.keys():
            raise CommandError(f"没有这个平台：{'、'.join(sorted(unknown))}")
        broken = False
        for code, actor in actors.items():
            with scope.opened(actor):
                faults = sealer.verify(platform_id=actor.platform_id, at=scope.now(code), expected_head=heads.get(code))
                sequence, digest = sealer.head(platform_id=actor.platform_id)
            broken = broken or bool(faults)
            self.stdout.write(f"{code}：{'异常' if faults else '一致'}，链头 {code}:{sequence}:{digest}")
            for fault in faults:
                self.stdout.write(f"      {fault}")
        if broken:
            raise CommandError("审计链有异常：不要改动任何数据，保留备份并报告审计管理员。")
