from django.core.management.base import BaseCommand

from sunlight.demo import story
from sunlight.tenancy.queries.demo import demo_accounts


class Command(BaseCommand):
    help = "Fills a platform with the demonstration, through the real services and real-format files."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where the demonstration is there already"
        )

    def handle(self, *args, **options):
        if options["if_empty"] and demo_accounts():
            self.stdout.write("演示数据已存在，跳过。")
            return
        story.play(say=self.stdout.write)
