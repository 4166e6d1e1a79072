from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from sunlight.journal import signing


class Command(BaseCommand):
    help = (
        "Prints the public half of a key that signs checkpoints, for the authorities; with --make makes the key first."
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("path", help="the file of the private key (PEM)")
        parser.add_argument(
            "--make", action="store_true", help="make a new key in a new file that only its owner reads"
        )

    def handle(self, *args, path, make=False, **options):
        try:
            key = signing.make(Path(path)) if make else signing.load(Path(path))
        except FileExistsError as error:
            raise CommandError(f"{path} 已存在，未作改动。请换一个文件名。") from error
        except (signing.NoKey, OSError) as error:
            raise CommandError(f"无法读取 {path}（{error}）。用 --make 生成新的密钥。") from error
        self.stdout.write(f"密钥号 {key.id}")
        self.stdout.write(f"公钥 {key.public}")
