"""Pages from branches: the same rows as by plain conditions, whatever stands around them."""

import pytest
from django.db.models import Count

from procurement.ordering.models import DistributionAuthorisation, Order
from sunlight import scope
from sunlight.scope import Role
from sunlight.scope.branches import MOST_BRANCHES, by_party, by_place

MERGED = "union all"


def sql(queryset) -> str:
    return str(queryset.query).lower()


def mine(world, *columns):
    return by_party([*columns], world.maker.id, world.platform.id)


@pytest.fixture
def rows(world):
    """Five authorisations of the maker, the oldest naming it as the distributor too, and one of another maker."""
    shared = {
        "platform": world.platform,
        "state": "IN_FORCE",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        "made_at": scope.now(),
    }
    with scope.elevated(world.system):
        for n in range(6):
            DistributionAuthorisation.objects.create(
                number=f"{n:020d}",
                manufacturer=world.other_maker if n == 5 else world.maker,
                distributor=world.maker if n == 0 else world.distributor,
                **shared,
            )
    return DistributionAuthorisation.objects.in_branches(mine(world, "manufacturer_id", "distributor_id"))


def test_a_page_is_merged_and_nothing_else(world):
    rows = Order.objects.in_branches(mine(world, "seller_id", "distributor_id"))
    assert MERGED in sql(rows.order_by("-id")[:50])
    assert MERGED in sql(rows.filter(state="PLACED").order_by("id", "state")[10:20])
    for other in (
        rows.order_by("-id"),
        rows.order_by("-placed_at")[:50],
        rows[:50],
        rows.filter(id=7).order_by("-id")[:1],
        rows.order_by("-id").select_for_update()[:5],
        rows.values("state").annotate(n=Count("id")).order_by("-n")[:5],
        rows.distinct().order_by("-id")[:5],
    ):
        assert MERGED not in sql(other) and " or " in sql(other).replace('"', "")


def test_the_same_rows_once_each_in_both_directions(world, rows):
    """A row that names the maker twice comes once."""
    with scope.opened(world.system):
        ids = sorted(rows.values_list("id", flat=True))
        assert len(ids) == 5
        newest = rows.order_by("-id")
        assert MERGED in sql(newest[:3])
        assert list(newest.values_list("id", flat=True)[:3]) == ids[:1:-1]
        assert list(newest.values_list("id", flat=True)[3:9]) == ids[1::-1]
        assert list(rows.order_by("id").values_list("pk", flat=True)[:9]) == ids
        assert list(newest.reverse().values_list("pk", flat=True)[:9]) == ids
        joined = rows.select_related("distributor").filter(distributor__is_distributor=True, id__gt=ids[0])
        assert [r.distributor.name for r in joined.order_by("-id")[:9]] == [world.distributor.name] * 4
        assert newest[:2].count() == 2
        assert set(DistributionAuthorisation.objects.filter(id__in=newest[:2].values("id"))) == set(newest[:2])
        assert [r.id for r in newest[:9] if r.distributor_id == world.maker.id] == ids[:1]


def test_branches_of_watchers_are_few():
    assert [b.equal for b in by_place((1, 2), (5, 6))] == [
        {"platform_id": p, "region_id": r} for p in (1, 2) for r in (5, 6)
    ]
    assert [b.equal for b in by_place((1,), range(MOST_BRANCHES + 1))] == [{"platform_id": 1}]
    assert sql(Order.objects.in_branches(by_place((1, 2))).order_by("-id")[:5]).count(MERGED) == 1


def test_nobody_sees_nothing(world):
    assert not Order.objects.in_branches([]).exists()


def test_the_wall_holds_inside_a_branch(world, rows):
    """Branches that name somebody else's rows give none of them."""
    with scope.opened(world.actor("hospital", Role.HOSPITAL_BUYER)):
        assert list(rows.order_by("-id")[:9]) == []
    with scope.opened(world.actor("maker", Role.SUPPLIER_SELLER)):
        assert len(rows.order_by("-id")[:9]) == 5
