from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.tenancy.queries.actors import open_platform_actors
from sunlight.tenancy.services.factors import factors_reseal
from sunlight.webhooks.services.webhooks import webhook_secrets_reseal


class Command(BaseCommand):
    help = (
        "Seals webhooks' secrets and code generators anew with the first of SUNLIGHT_ENCRYPTION_KEY, so that earlier keys"
        " can be thrown away; exit code 1 where no key opens some."
    )

    def handle(self, *args, **options):
        systems, lost = open_platform_actors(), 0
        for actor in systems:
            with scope.opened(actor):
                done, gone = webhook_secrets_reseal(actor=actor, at=scope.now(actor.platform_code))
            self.stdout.write(f"{actor.platform_code}：事件推送密钥重新加密 {done} 个，无法打开 {gone} 个")
            lost += gone
        with scope.opened(systems[0]):
            done, gone = factors_reseal(actor=systems[0], at=scope.now())
        self.stdout.write(f"动态口令重新加密 {done} 个，无法打开 {gone} 个")
        if lost + gone:
            raise CommandError(
                "有密钥无法打开。请保留原 SUNLIGHT_ENCRYPTION_KEY，或请有关单位轮换签名密钥、重新设置动态口令。"
            )
