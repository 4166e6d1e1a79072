from itertools import groupby

from django.core.management.base import BaseCommand

from sunlight.demo.cast import PASSWORD
from sunlight.demo.machines import TOKENS
from sunlight.tenancy.queries.demo import demo_accounts


class Command(BaseCommand):
    help = "Prints the demonstration's accounts by organisation."

    def handle(self, *args, **options):
        self.stdout.write(f"\n演示账号（密码均为 {PASSWORD}；登录页上点击即可登录）")
        for organisation, accounts in groupby(demo_accounts(), key=lambda a: a["organisation"]):
            people = "  ".join(f"{a['username']}（{'、'.join(a['roles'])}）" for a in accounts)
            self.stdout.write(f"  {organisation}：{people}")
        self.stdout.write(
            "\n接口令牌（Authorization: Bearer …）：" + "  ".join(secret for _, secret, _ in TOKENS.values())
        )
        self.stdout.write(
            "\n试一试：buyer1 搜索“示范 导管”并报价 → seller1 接受并签署 → approver1 签署 → buyer1 下单 → seller1 确认"
            " → shipper1 发货 → receiver1 验收 → finance1 开票 → cashier1 编制付款、treasurer1 复核。"
            "任何单据都可点“依据”看到规则、条款与数值。"
        )
