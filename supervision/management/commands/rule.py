"""Asks one rule with plain facts, or many, one request a line; needs no database.

python manage.py rule price.alert_line --region CN-GD-SZ --date 2026-03-01 < facts.json
python manage.py rule --jsonl < requests.jsonl
"""

import os
import sys

from django.core.management.base import BaseCommand, CommandError

from sunlight import scope
from sunlight.kernel.facts import BadFacts
from sunlight.kernel.rulebook import dumps, loads
from sunlight.kernel.rulesdoc import rules_markdown
from sunlight.rules import RULES, ask, ask_line

BAD_FACTS_STATUS = 2


class Command(BaseCommand):
    help = "规则试算：从标准输入读取事实（JSON），输出裁定、理由与所用参数。事实有误时退出码为 2。"
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("name", nargs="?", help="规则名称，例如 price.alert_line")
        parser.add_argument("--region", help="地区，例如 CN-GD-SZ")
        parser.add_argument("--date", help="日期 YYYY-MM-DD")
        parser.add_argument("--drafts", help="binding（默认）或 warn：征求意见稿只提示、不拦截")
        parser.add_argument("--jsonl", action="store_true", help="每行一个请求，每行一个答复")
        parser.add_argument("--list", action="store_true", help="列出全部规则")
        parser.add_argument("--docs", action="store_true", help="输出 docs/rules.md")

    def handle(self, *args, **options):
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            self._run(options)
            self.stdout.flush()
        except BrokenPipeError:
            # the reader has enough (`| head`); silence the interpreter's own flush at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _run(self, options):
        if options["list"]:
            for rule in RULES.values():
                self.stdout.write(f"{rule.name}\t{rule.title}\t{rule.where}")
        elif options["docs"]:
            self.stdout.write(rules_markdown(RULES, scope.policy()), ending="")
        elif options["jsonl"]:
            self._lines(sys.stdin.buffer)
        elif options["name"]:
            self._single(options)
        else:
            raise CommandError("请给出规则名称，或使用 --jsonl、--list、--docs")

    def _lines(self, lines):
        for line in lines:
            if line.strip():
                self.stdout.write(dumps(ask_line(line)))

    def _single(self, options):
        request = {"rule": options["name"]} | {key: options[key] for key in ("region", "date", "drafts")}
        try:
            answer = ask(request | {"facts": loads(sys.stdin.buffer.read(), "facts")})
        except BadFacts as bad:
            answer = {"error": bad.to_dict()}
        self.stdout.write(dumps(answer))
        if "error" in answer:
            self.stdout.flush()
            sys.exit(BAD_FACTS_STATUS)
