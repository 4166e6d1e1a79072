"""Key figures of bargaining, orders and goods."""

from django.utils.translation import gettext_lazy as _

from procurement import readers
from procurement.bargaining.workflows import OfferState
from procurement.contracts.workflows import ContractState
from procurement.ordering.workflows import OrderState
from procurement.receiving.workflows import AcceptanceState, DeliveryState
from sunlight.scope import Role
from sunlight.scope.readers import WATCHING
from sunlight.web import figures

figures.add(
    _("待答复的报价"),
    "procurement.offers",
    {"state": OfferState.OPEN},
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_REQUESTER,
    Role.SUPPLIER_SELLER,
    Role.OPERATOR_SUPPORT,
)
figures.add(_("待我方签署的合同"), "procurement.contracts", {"todo": "1"}, Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER)
figures.add(
    _("履行中的合同"),
    "procurement.contracts",
    {"state": ContractState.IN_FORCE},
    *readers.BARGAINING,
)
figures.add(
    _("待企业确认的订单"),
    "procurement.orders",
    {"state": OrderState.PLACED},
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_ADMIN,
    Role.SUPPLIER_SELLER,
)
figures.add(
    _("履行中的订单"),
    "procurement.orders",
    {"state": OrderState.ACCEPTED},
    Role.HOSPITAL_BUYER,
    Role.HOSPITAL_ADMIN,
    Role.HOSPITAL_AUDITOR,
    Role.SUPPLIER_SELLER,
    Role.SUPPLIER_SHIPPER,
)
figures.add(_("逾期未送达的订单"), "procurement.orders", {"late": "1"}, *readers.ORDERS)
figures.add(_("逾期未验收的配送单"), "procurement.deliveries", {"late": "1"}, *readers.DELIVERIES)
figures.add(_("本月订单"), "procurement.orders", figures.month(), *WATCHING)
figures.add(
    _("在途的配送单"),
    "procurement.deliveries",
    {"state": DeliveryState.DISPATCHED},
    Role.HOSPITAL_RECEIVER,
    Role.SUPPLIER_SHIPPER,
    Role.OPERATOR_SUPPORT,
)
figures.add(
    _("本月验收"),
    "procurement.acceptances",
    figures.month(state=AcceptanceState.CONFIRMED),
    Role.HOSPITAL_RECEIVER,
    Role.SUPPLIER_SHIPPER,
)
figures.add(_("已冲销的验收"), "procurement.acceptances", {"state": AcceptanceState.REVERSED}, Role.HOSPITAL_RECEIVER)
