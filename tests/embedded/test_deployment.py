"""What a deployment is made of, checked without Docker."""

import re
import subprocess

import yaml

from tools.embedded.place import PROJECT

COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]


def test_every_lasting_service_has_a_health_check_and_comes_back():
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    for name in SERVICES.keys() - {"migrate"}:
        assert SERVICES[name]["healthcheck"]["test"], name
        assert SERVICES[name]["restart"] == "unless-stopped", name
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_web_is_healthy_when_it_is_ready():
    assert '"GET", "/readyz"' in SERVICES["web"]["healthcheck"]["test"][-1]


def test_no_password_has_a_default_and_each_is_in_the_example():
    example = set(re.findall(r"^(\w+)=$", (PROJECT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    text = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
    secret = {name for name in re.findall(r"\$\{(\w+)", text) if re.search("PASSWORD|KEY|TOKEN", name)}
    assert secret and secret <= example
    assert set(re.findall(r"\$\{(\w+):\?", text)) >= secret
    for name in secret:
        assert f"${{{name}:-" not in text and f"${{{name}}}" not in text


def test_only_migrations_hold_the_owners_address():
    holders = {name for name, service in SERVICES.items() if "DATABASE_OWNER_URL" in service.get("environment", {})}
    assert holders == {"migrate"}
    assert SERVICES["web"]["environment"]["DATABASE_URL"].startswith("postgresql://sun_app:")


def test_mounted_files_exist_and_the_scripts_parse():
    mounts = [volume.split(":")[0] for volume in SERVICES["postgres"]["volumes"] if volume.startswith("./")]
    assert mounts == ["./sunlight/scope/sql/roles.sql", "./sunlight/scope/sql/passwords.sh"]
    assert all((PROJECT / mount).is_file() for mount in mounts)
    for script in ("sunlight/scope/sql/passwords.sh", ".ci/run"):
        assert subprocess.run(["bash", "-n", script], cwd=PROJECT, check=False).returncode == 0


def test_the_container_does_not_run_as_root():
    lines = (PROJECT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines.index("USER sunlight") > max(i for i, line in enumerate(lines) if line.startswith("FROM "))
