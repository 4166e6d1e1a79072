"""The command that reads the chain again."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from sunlight import scope
from sunlight.journal import sealer


def verify(*heads: str) -> str:
    out = StringIO()
    call_command("verify_journal", *(f"--head={head}" for head in heads), stdout=out)
    return out.getvalue()


@pytest.fixture
def head(world) -> str:
    with scope.opened(world.system):
        sealer.seal(platform_id=world.platform.id, at=scope.now())
        sequence, digest = sealer.head(platform_id=world.platform.id)
    return f"gd-sz:{sequence}:{digest}"


def test_a_sound_chain_prints_its_head(head):
    assert f"gd-sz：一致，链头 {head}" in verify()
    assert "一致" in verify(head)


def test_a_head_that_is_no_longer_on_the_chain(head):
    with pytest.raises(CommandError, match="审计链有异常"):
        verify(head[:-64] + "f" * 64)


@pytest.mark.parametrize("noted", ["gd-sz", "gd-sz:x:" + "0" * 64, "mars:1:" + "0" * 64])
def test_a_head_that_is_none(head, noted):
    with pytest.raises(CommandError):
        verify(noted)
