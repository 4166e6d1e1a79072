from django.core.management.base import BaseCommand

from sunlight.scope.tickets import tell_the_database


class Command(BaseCommand):
    help = "Tell the database, as its owner, which keys write the tickets of scopes: all of SUNLIGHT_TICKET_KEY, no others."

    def handle(self, *args, **options):
        self.stdout.write(f"数据库现接受 {tell_the_database('owner')} 个作用域票据密钥。")
