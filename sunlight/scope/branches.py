"""Lists of rows that somebody may see for more than one reason, newest first, by an index.

A supplier sees the rows that name it as seller and those that name it as distributor. PostgreSQL has no index that
gives "seller = X or distributor = X" in order of id: it sorts all of the party's rows, or walks the table past
everybody else's. So a page of such a list reads from one ordered index scan a reason, merged (Merge Append):

    from ((select * from t where platform_id = 1 and seller_id = 7 order by id desc) union all
          (select * from t where platform_id = 1 and distributor_id = 7 and seller_id is distinct from 7 order by id
          desc)) t

Filters, joins and LIMIT stay around it, and the planner pushes them down; row security holds inside each branch.
Whatever is not a page in order of id (counts, sums, locks, a row by its id) is asked by plain conditions.
`docs/scaling.md` has the figures, and those of the other ways that were measured.
"""

from django.core.exceptions import FullResultSet
from django.db.models import BooleanField, Expression, Q, QuerySet
from django.db.models.lookups import Exact, In
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable

# Each branch is planned for itself; many cost more to plan than to run.
MOST_BRANCHES = 8


def _by_key(query: Query) -> bool:
    return any(
        isinstance(child, Exact | In)
        and getattr(child.lhs, "target", None) is query.model._meta.pk
        and child.lhs.alias == query.base_table
        for child in query.where.children
    )


def _direction(query: "BranchQuery") -> str | None:
    """`desc` or `asc` where the query is a page in order of id that is read from branches; otherwise None."""
    if not query.branches or not query.is_sliced or query.select_for_update or query.distinct or query.combinator:
        return None
    if query.group_by is not None or not query.order_by or query.extra_order_by or _by_key(query):
        return None
    first = query.order_by[0]
    if first not in ("id", "-id", "pk", "-pk"):
        return None
    return "desc" if first.startswith("-") == query.standard_ordering else "asc"


class BranchTable(BaseTable):
    """The query's first table; of a page in order of id, its branches."""

    def as_sql(self, compiler, connection):
        query = compiler.query
        direction = _direction(query) if isinstance(query, BranchQuery) else None
        if direction is None or self.table_alias != query.base_table:
            return super().as_sql(compiler, connection)
        name = connection.ops.quote_name
        table, column = name(self.table_name), query.model._meta.pk.column
        parts, params = [], []
        for branch in query.branches:
            conditions = [f"{name(c)} = %s" for c in branch.equal] + [
                f"{name(c)} is distinct from %s" for c in branch.unlike
            ]
            parts.append(
                f"(select * from {table} where {' and '.join(conditions)} order by {name(column)} {direction})"
            )
            params += [*branch.equal.values(), *branch.unlike.values()]
        return f"({' union all '.join(parts)}) {compiler.quote_name_unless_alias(self.table_alias)}", params


class BranchQuery(Query):
    base_table_class = BranchTable
    branches: tuple["Branch", ...] = ()


class Branch:
    """One reason to see a row: columns that equal a value, and columns that must not (they are other branches')."""

    def __init__(self, equal: dict[str, int], unlike: dict[str, int] | None = None):
        self.equal, self.unlike = equal, unlike or {}


class _InBranches(Expression):
    """The condition that any branch holds; nothing where the query reads from the branches themselves."""

    conditional = True

    def __init__(self, condition):
        super().__init__(output_field=BooleanField())
        self.condition = condition

    def get_source_expressions(self):
        return [self.condition]

    def set_source_expressions(self, expressions):
        (self.condition,) = expressions

    def as_sql(self, compiler, connection):
        if isinstance(compiler.query, BranchQuery) and _direction(compiler.query):
            raise FullResultSet
        return compiler.compile(self.condition)


class BranchQuerySet(QuerySet):
    """A queryset whose `in_branches` keeps pages in order of id on their indexes."""

    def __init__(self, model=None, query=None, using=None, hints=None):
        super().__init__(model, query or BranchQuery(model), using, hints)

    def in_branches(self, branches: list[Branch]):
        """Rows of any of `branches` (column → value), which must exclude each other. None: no rows. Each branch needs an
        index on its columns and the id."""
        if not branches:
            return self.none()
        if len(branches) == 1 and not branches[0].unlike:
            return self.filter(**branches[0].equal)
        condition = Q()
        for branch in branches:
            condition |= Q(**branch.equal)
        found = self.filter(_InBranches(condition))
        if len(branches) <= MOST_BRANCHES:
            found.query.branches = tuple(branches)
        return found


def by_party(columns: list[str], party_id: int, platform_id: int) -> list[Branch]:
    """The rows of one platform that name `party_id` in any of `columns`."""
    return [
        Branch({"platform_id": platform_id, column: party_id}, dict.fromkeys(columns[:place], party_id))
        for place, column in enumerate(columns)
    ]


def by_place(platform_ids, region_ids=()) -> list[Branch]:
    """The rows of some platforms, in some regions where these are few; the caller filters by region where they are many."""
    pairs = [{"platform_id": platform, "region_id": region} for platform in platform_ids for region in region_ids]
    if not pairs or len(pairs) > MOST_BRANCHES:
        pairs = [{"platform_id": platform} for platform in platform_ids]
    return [Branch(pair) for pair in pairs]
