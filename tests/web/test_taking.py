"""A list too long for one request is taken away by a job: the asker's rows, filters and order, as a sheet only the asker opens."""

import io
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from procurement.ordering.models import Order
from sunlight import scope
from sunlight.jobs import tasks
from sunlight.jobs.models import Job, JobPart
from sunlight.jobs.services import jobs as services
from sunlight.scope import Role
from sunlight.tenancy.models import Membership
from sunlight.web.lists import show, taking
from tests.api_client import logged_in
from tests.factories import orders

FORMULA = "=HYPERLINK(1)"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Three rows are too many for a request, two are a chunk."""
    monkeypatch.setattr(show, "MOST_ROWS", 2)
    monkeypatch.setattr(taking, "CHUNK", 2)
    monkeypatch.setattr(tasks, "TURN_SECONDS", 60.0)


@pytest.fixture
def placed(world):
    """Five orders of the hospital, of 100 to 500 pieces; and one of another hospital's."""
    agreed = orders.agreement(world)
    made = [orders.placed(world, agreed, quantity=f"{n}00") for n in range(1, 6)]
    with scope.opened(world.system):
        Order.objects.filter(id=made[0].id).update(plan_number=FORMULA)
    return made


@pytest.fixture
def buyer(world):
    return world.actor("hospital", Role.HOSPITAL_BUYER)


def asked(actor, address: str, key: str = "procurement.orders"):
    return logged_in(actor).post("/views/export/", {"list": key, "address": address})


def job_of(world) -> Job:
    with scope.opened(world.system):
        return Job.objects.latest("id")


def read(answer) -> list[list]:
    content = b"".join(answer.streaming_content)
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_long_list_is_taken_by_a_job(world, placed, buyer):
    page = logged_in(buyer).get("/orders/?sort=amount_fen").content.decode()
    assert "后台导出 Excel" in page and "sheet=xlsx" not in page
    assert logged_in(buyer).get("/orders/?sheet=xlsx").status_code == 422
    answer = asked(buyer, "/orders/?sort=-amount_fen&urgent=0")
    job = job_of(world)
    assert answer.headers["Location"] == f"/jobs/{job.id}/" and job.total == 5
    assert tasks.jobs_run() == 5  # which rows, three chunks of them, the sheet
    job = job_of(world)
    assert (job.state, job.done, job.total, job.title) == ("DONE", 5, 5, "订单")
    assert "下载文件" in logged_in(buyer).get(f"/jobs/{job.id}/").content.decode()
    rows = read(logged_in(buyer).get(f"/jobs/{job.id}/file/"))
    assert [row[0] for row in rows[1:]] == [each.number for each in reversed(placed)]
    assert [row[rows[0].index("金额（元）")] for row in rows[1:]] == [45000.0, 36000.0, 27000.0, 18000.0, 9000.0]
    with scope.opened(world.system):
        assert set(JobPart.objects.values_list("form", flat=True)) == {"result"}


def test_a_formula_stays_text(world, placed, buyer):
    from catalog.models import PriceGroup

    seller = world.actor("maker", Role.SUPPLIER_SELLER)
    with scope.opened(world.system):
        PriceGroup.objects.update(name=FORMULA)
    asked(seller, "/offers/", "procurement.offers")
    asked(buyer, "/orders/")
    tasks.jobs_run()
    with scope.opened(world.system):
        content = b"".join(
            bytes(part) for part in JobPart.objects.filter(form="result").values_list("content", flat=True)
        )
    assert b"<f>" not in content


def test_nobody_else_opens_the_file(world, placed, buyer):
    asked(buyer, "/orders/")
    tasks.jobs_run()
    job = job_of(world)
    colleague = world.actor("hospital", Role.HOSPITAL_BUYER, person="second")
    for actor in (
        colleague,
        world.actor("maker", Role.SUPPLIER_SELLER),
        world.actor("operator", Role.OPERATOR_SUPPORT),
    ):
        assert logged_in(actor).get(f"/jobs/{job.id}/file/").status_code == 404
    assert len(read(logged_in(buyer).get(f"/jobs/{job.id}/file/"))) == 6


def test_only_what_the_asker_may_see_by_then_is_in_it(world, placed, buyer):
    """Roles count at every chunk, and so does who may see a row."""
    asked(buyer, "/orders/")
    job = job_of(world)
    with scope.opened(buyer):
        services.job_claim(actor=buyer, at=scope.now(), job_id=job.id)
        services.job_continue(actor=buyer, at=scope.now(), job_id=job.id)
    with scope.opened(world.system):
        Order.objects.filter(id=placed[4].id).update(buyer=world.organisations["other_hospital"])
    tasks.jobs_run()
    rows = read(logged_in(buyer).get(f"/jobs/{job.id}/file/"))
    assert [row[0] for row in rows[1:]] == [each.number for each in reversed(placed[:4])]
    asked(buyer, "/orders/")
    with scope.opened(world.system):
        Membership.objects.filter(user_id=buyer.user_id).update(roles=["HOSPITAL_REQUESTER"])
    tasks.jobs_run()
    failed = job_of(world)
    assert failed.state == "FAILED" and "不能打开这个列表" in failed.note


@pytest.mark.parametrize(
    ("key", "address", "status"),
    [
        ("settlement.runs", "/settlement/runs/", 403),
        ("settlement.runs", "/orders/", 404),
        ("procurement.orders", "/nowhere/", 404),
        ("no.list", "/orders/", 404),
        ("procurement.orders", "/orders/?state=GONE", 422),
        ("supervision.figure_rows", "/supervision/overview/rows/ordered/", 404),
    ],
)
def test_what_is_no_list_of_ones_own_is_refused(world, buyer, key, address, status):
    assert asked(buyer, address, key).status_code == status
    with scope.opened(world.system):
        assert not Job.objects.exists()


def test_it_stops_and_goes_on_and_leaves_nothing_when_given_up(world, placed, buyer):
    asked(buyer, "/orders/")
    job = job_of(world)

    def does(service):
        with scope.opened(buyer):
            return service(actor=buyer, at=scope.now(), job_id=job.id)

    does(services.job_claim)
    does(services.job_continue)
    does(services.job_continue)
    does(services.job_stop)
    assert does(services.job_continue).state == "STOPPED"
    does(services.job_resume)
    does(services.job_claim)
    assert does(services.job_continue).done == 4
    does(services.job_stop)
    does(services.job_continue)
    does(services.job_abandon)
    with scope.opened(world.system):
        assert not JobPart.objects.exists()


def test_the_file_goes_after_a_week(world, placed, buyer):
    asked(buyer, "/orders/")
    tasks.jobs_run()
    job = job_of(world)
    with scope.opened(world.system):
        assert services.job_results_clear(actor=world.system, at=scope.now() + timedelta(days=6)) == 0
        assert services.job_results_clear(actor=world.system, at=scope.now() + timedelta(days=8)) == 1
    assert logged_in(buyer).get(f"/jobs/{job.id}/file/").status_code == 404
