from contextlib import nullcontext

from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.journal import export
from sunlight.tenancy.queries.actors import all_platform_actors


class Command(BaseCommand):
    help = (
        "Writes the whole sealed journal as lines of JSON, for tools/verify_journal.py (docs/formats.md). Streams: it needs no"
        " memory, however long the journal is."
    )

    def add_arguments(self, parser):
        parser.add_argument("--platform", help="only this platform's code")
        parser.add_argument("--out", help="a new file; without it to standard output")

    def handle(self, *args, platform=None, out=None, **options):
        actors = [a for a in all_platform_actors() if platform in (None, a.platform_code)]
        if not actors:
            raise CommandError(f"没有代码为“{platform}”的平台。")
        try:
            with open(out, "x", encoding="utf-8") if out else nullcontext(self.stdout) as file:
                for actor in actors:
                    with scope.opened(actor):
                        for line in export.lines(actor=actor, at=scope.now(actor.platform_code)):
                            file.write(line)
        except FileExistsError as error:
            raise CommandError(f"{out} 已存在，未作改动。请换一个新文件名。") from error
        except OSError as error:
            raise CommandError(f"无法写入 {out}：{error.strerror}。") from error
