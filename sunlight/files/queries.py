"""Reading kept files."""

from django.db.models import Q, QuerySet

from sunlight.files.models import StoredFile, Visibility
from sunlight.files.uses import USES
from sunlight.journal.declared import SUBJECTS
from sunlight.journal.refusals import Forbidden, NotThere
from sunlight.scope import Actor, Role


def own_rows(rows: QuerySet, actor: Actor) -> QuerySet:
    """Those of `rows` that belong to the actor's organisation; for the platform's people those of their platforms."""
    if actor.is_party:
        return rows.filter(platform_id=actor.platform_id, organisation_id=actor.organisation_id)
    if actor.is_authenticated or actor.roles:
        return rows.filter(platform_id__in=actor.platform_ids)
    return rows.none()


def _open_to(actor: Actor) -> QuerySet:
    rows = StoredFile.objects.all()
    public = Q(visibility=Visibility.PUBLIC)
    if actor.is_party:
        named = Q(visibility=Visibility.PARTIES, parties__contains=[actor.organisation_id])
        return rows.filter(
            public | Q(platform_id=actor.platform_id) & (named | Q(organisation_id=actor.organisation_id))
        )
    if actor.has(Role.SYSTEM):
        return rows.filter(public | Q(platform_id__in=actor.platform_ids))
    if actor.is_authenticated:
        own = Q(platform_id__in=actor.platform_ids, organisation_id=actor.organisation_id)
        return rows.filter(public | own)
    return rows.filter(public)


def files_visible_to(actor: Actor) -> QuerySet:
    """The files kept for the actor's own organisation, newest first, without their content. What an applicant or objector
    without an account sent in is nobody's own: it is opened through the application or the objection."""
    return (
        own_rows(StoredFile.objects.filter(organisation_id=actor.organisation_id), actor)
        .defer("content")
        .order_by("-id")
    )


def access_file(actor: Actor, file_id: int) -> StoredFile:
    """One kept file with its content: its organisation's own, one it is named with, or a public one. Raises NotThere, to
    the platform's people too: they open what is not theirs through what needs it (`file_through`)."""
    file = _open_to(actor).filter(id=file_id).first()
    if file is None:
        raise NotThere("这个文件")
    return file


def opens_files(actor: Actor, noun: str) -> bool:
    """Whether the actor may open the files of such rows, its own or as who handles them."""
    return actor.is_party or (noun in USES and USES[noun].is_for(actor))


def file_through(actor: Actor, file_id: int, noun: str, subject_id: int) -> StoredFile:
    """One file of a row, for those inside the platform who read and handle such rows. Raises Forbidden for everybody else,
    NotThere for a row that is not theirs or a file that is not the row's."""
    use = USES.get(noun)
    if use is None:
        raise NotThere("这个文件")
    if not use.is_for(actor):
        words = SUBJECTS[noun].words if noun in SUBJECTS else "材料"
        raise Forbidden(
            "file_not_yours_to_open",
            f"单位的文件只有办理这份{words}的人员可以查阅。如因工作需要，请由经办人员提供，或向本单位管理员申请岗位。",
        )
    rows = StoredFile.objects.filter(id=file_id, platform_id__in=actor.platform_ids)
    found = rows.first() if file_id in use.files_of(actor, subject_id) else None
    if found is None:
        raise NotThere("这个文件")
    return found
