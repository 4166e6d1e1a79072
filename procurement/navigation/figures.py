"""Key figures of bargaining, orders and goods."""

from django.utils.translation import gettext_lazy as _

from procurement import readers
from sunlight.scope import Role
from sunlight.scope.readers import WATCHING
from sunlight.web import figures

figures.add(
    _("待答复的报价"), "procurement.offers", {"state": "OPEN"},
    Role.HOSPITAL_BUYER, Role.HOSPITAL_REQUESTER, Role.SUPPLIER_SELLER, Role.OPERATOR_SUPPORT,
)  # fmt: skip
figures.add(_("待我方签署的合同"), "procurement.contracts", {"todo": "1"}, Role.HOSPITAL_APPROVER, Role.SUPPLIER_SELLER)
figures.add(
    _("履行中的合同"), "procurement.contracts", {"state": "IN_FORCE"},
    *readers.BARGAINING,
)  # fmt: skip
figures.add(
    _("待企业确认的订单"), "procurement.orders", {"state": "PLACED"},
    Role.HOSPITAL_BUYER, Role.HOSPITAL_ADMIN, Role.SUPPLIER_SELLER,
)  # fmt: skip
figures.add(
    _("履行中的订单"), "procurement.orders", {"state": "ACCEPTED"},
    Role.HOSPITAL_BUYER, Role.HOSPITAL_ADMIN, Role.HOSPITAL_AUDITOR, Role.SUPPLIER_SELLER, Role.SUPPLIER_SHIPPER,
)  # fmt: skip
figures.add(_("本月订单"), "procurement.orders", figures.month(), *WATCHING)
figures.add(
    _("在途的配送单"), "procurement.deliveries", {"state": "DISPATCHED"},
    Role.HOSPITAL_RECEIVER, Role.SUPPLIER_SHIPPER, Role.OPERATOR_SUPPORT,
)  # fmt: skip
figures.add(
    _("本月验收"), "procurement.acceptances", figures.month(state="CONFIRMED"),
    Role.HOSPITAL_RECEIVER, Role.SUPPLIER_SHIPPER,
)  # fmt: skip
figures.add(_("已冲销的验收"), "procurement.acceptances", {"state": "REVERSED"}, Role.HOSPITAL_RECEIVER)
