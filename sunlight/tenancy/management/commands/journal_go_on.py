from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.journal import checkpoints, signing
from sunlight.tenancy.queries.actors import all_platform_actors


class Command(BaseCommand):
    help = (
        "Lets a platform's journal be sealed on from where it is, though a later checkpoint was made: after a restore that lost"
        " the end. Needs the key that signs checkpoints; stays in the file for good, and every verification names it."
    )

    def add_arguments(self, parser):
        parser.add_argument("--platform", required=True, help="the platform's code")
        parser.add_argument("--reason", required=True, help="what happened, in Chinese; everybody reads it")

    def handle(self, *args, platform, reason, **options):
        if not reason.strip():
            raise CommandError("--reason 须写明原因，例如：磁盘损坏，由 3 月 2 日的备份恢复。")
        actors = [actor for actor in all_platform_actors() if actor.platform_code == platform]
        if not actors:
            raise CommandError(f"没有代码为“{platform}”的平台。")
        try:
            entry = checkpoints.go_on_from_here(actor=actors[0], at=scope.now(platform), reason=reason)
        except signing.NoKey as error:
            raise CommandError(
                f"没有签名密钥（{error}）。请在持有 SUNLIGHT_CHECKPOINT_KEY 与 SUNLIGHT_CHECKPOINT_DIR 的机器上执行。"
            ) from error
        except OSError as error:
            raise CommandError(f"无法写入检查点文件（{error}）。请检查 SUNLIGHT_CHECKPOINT_DIR。") from error
        self.stdout.write(f"{platform}：自序号 {entry['sequence']} 继续封存，已记入检查点文件（{entry['made_at']}）。")
        self.stdout.write("请把原因与此时间告知各监管部门：独立核验须以 --known-break 声明。")
