from django.core.management.base import BaseCommand, CommandError

from sunlight.operations import checks


class Command(BaseCommand):
    help = (
        "Checks this installation and says in Chinese what is wrong and how to mend it; exit code 1 where anything is."
    )
    requires_system_checks = []

    def handle(self, *args, **options):
        findings = checks.run(checks.DOCTOR)
        for finding in findings:
            self.stdout.write(f"{'正常' if finding.ok else '异常'}  {finding.title}：{finding.says}")
            if finding.mend:
                self.stdout.write(f"      处理：{finding.mend}")
        ill = sum(not finding.ok for finding in findings)
        if ill:
            raise CommandError(f"{len(findings)} 项检查中有 {ill} 项异常。")
        self.stdout.write(f"{len(findings)} 项检查全部正常。")
