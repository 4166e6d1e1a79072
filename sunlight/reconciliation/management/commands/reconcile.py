"""`manage.py reconcile`: compare all rows that money rests on with what events say; `--columns` prints what is compared."""

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.journal.rowfacts import LEFT, ROWS
from sunlight.reconciliation.queries.discrepancies import seen_by, word_of
from sunlight.reconciliation.services.runs import reconciliation_begin, reconciliation_go_on
from sunlight.tenancy.queries.actors import open_platform_actors


class Command(BaseCommand):
    help = "把付款、发票、订单、合同、账簿等与封存的事件逐列核对；发现差异则退出码为 1。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--columns", action="store_true", help="列出核对的表和列、由其他列得出的列、不核对的表及理由"
        )

    def handle(self, *args, columns=False, **options):
        if columns:
            return self._columns()
        differences = 0
        for actor in open_platform_actors():
            at = scope.now(actor.platform_code)
            run = reconciliation_go_on(actor=actor, at=at)
            if run is None:
                with scope.opened(actor):
                    reconciliation_begin(actor=actor, at=at)
                run = reconciliation_go_on(actor=actor, at=at)
            differences += self._said(actor, run)
        if differences:
            raise CommandError(f"共发现 {differences} 处差异，付款已暂停。", returncode=1)
        return None

    def _said(self, actor, run) -> int:
        self.stdout.write(
            f"{actor.platform_code}：核对 {run.rows} 行、{run.versions} 个版本，差异 {run.differences} 处"
        )
        with scope.opened(actor):
            found = list(seen_by(run)[:100])
        for row in found:
            names = "、".join(each["column"] for each in row.columns)
            self.stdout.write(
                f"  {row.number} {word_of(row.relation)} {row.row_name}：{row.get_kind_display()}（{names}）"
            )
        return run.differences

    def _columns(self) -> None:
        models = {model._meta.db_table: model for model in apps.get_models()}
        for table, rows in sorted(ROWS.items()):
            kept = [field.column for field in models[table]._meta.concrete_fields if field.column not in rows.derived]
            self.stdout.write(f"{table}（{rows.words}）\n  每个版本入事件摘要：{', '.join(kept)}")
            for column, reason in sorted(rows.derived.items()):
                self.stdout.write(f"  得出：{column}（{reason}）")
        self.stdout.write("不核对的表：")
        for table, reason in sorted(LEFT.items()):
            self.stdout.write(f"  {table}：{reason}")
