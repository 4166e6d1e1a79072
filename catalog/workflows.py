"""The life of a listing: applied for, reviewed once, published where the law demands it (JS20-13c, SZ20-5.2.1b), traded,
suspended, ended (GD25-2.2d)."""

from sunlight.kernel.machine import Duty, Machine, Move
from sunlight.kernel.states import States
from sunlight.scope.roles import Role


class ListingState(States):
    DRAFT = "DRAFT", "草稿"
    SUBMITTED = "SUBMITTED", "待审核", "blue"
    ENDORSED = "ENDORSED", "待复审", "blue"
    PUBLICISED = "PUBLICISED", "公示中", "blue"
    REJECTED = "REJECTED", "已退回", "red"
    LISTED = "LISTED", "已挂网", "green"
    SUSPENDED = "SUSPENDED", "暂停挂网", "red"
    DELISTED = "DELISTED", "已撤网", "red"
    JOINED = "JOINED", "已并入", "green"


# The two catalogues of SZ20-5.2.1a: with a reference price, and without.
CATALOGUES = {"limit": "限价目录", "alternative": "备选目录"}
# The maker still writes it.
DRAFTED = (ListingState.DRAFT, ListingState.REJECTED)
# Waits for a reviewer.
WAITING = (ListingState.SUBMITTED, ListingState.ENDORSED)
# Reviewed and not ended: at most one a price group and region.
STANDING = (ListingState.PUBLICISED, ListingState.LISTED, ListingState.SUSPENDED)
# Under review or in trade: the specifications are taken.
ACTIVE = (*WAITING, *STANDING)

ENDORSED_IT = Duty(
    "endorse",
    "four_eyes",
    "您已初审同意这份高于同证同码价格的申请，复审须由另一位审核员办理。",
    basis="catalog.one_unit",
)

S = ListingState

LISTING = Machine(
    "listing",
    S.DRAFT,
    (
        Move("submit", {S.DRAFT, S.REJECTED}, S.SUBMITTED, by={Role.SUPPLIER_LISTER}, words="提交审核"),
        Move("approve", {S.SUBMITTED}, S.LISTED, by={Role.OPERATOR_REVIEWER}, words="审核通过"),
        # Dearer than a sister of the same certificate and code: two reviewers, each seeing all prices of the certificate.
        Move("endorse", {S.SUBMITTED}, S.ENDORSED, by={Role.OPERATOR_REVIEWER}, words="初审同意"),
        Move(
            "confirm",
            {S.ENDORSED},
            S.LISTED,
            by={Role.OPERATOR_REVIEWER},
            four_eyes=ENDORSED_IT,
            words="复审通过",
        ),
        Move(
            "confirm_publicise",
            {S.ENDORSED},
            S.PUBLICISED,
            by={Role.OPERATOR_REVIEWER},
            four_eyes=ENDORSED_IT,
            words="复审通过并公示",
        ),
        # Further specifications of a price group that is listed already, at its price.
        Move("join", {S.SUBMITTED, S.ENDORSED}, S.JOINED, by={Role.OPERATOR_REVIEWER}, words="审核通过并入"),
        # Where the law demands it, the review is followed by a publication, and its end decides.
        Move("publicise", {S.SUBMITTED}, S.PUBLICISED, by={Role.OPERATOR_REVIEWER}, words="审核通过并公示"),
        Move("list", {S.PUBLICISED}, S.LISTED, by={Role.SYSTEM}, words="公示期满挂网"),
        Move("oppose", {S.PUBLICISED}, S.REJECTED, by={Role.SYSTEM}, words="因异议退回"),
        Move("reject", {S.SUBMITTED, S.ENDORSED}, S.REJECTED, by={Role.OPERATOR_REVIEWER}, words="退回"),
        Move("suspend", {S.LISTED}, S.SUSPENDED, by={Role.OPERATOR_REVIEWER, Role.SYSTEM}, words="暂停挂网"),
        Move("restore", {S.SUSPENDED}, S.LISTED, by={Role.OPERATOR_REVIEWER}, words="恢复挂网"),
        Move(
            "delist",
            {S.LISTED, S.SUSPENDED},
            S.DELISTED,
            by={Role.OPERATOR_REVIEWER, Role.SUPPLIER_LISTER, Role.SYSTEM},
            words="撤网",
        ),
    ),
)
