from django.db import migrations

from procurement.bargaining.workflows import OFFER, OFFER_SHEET
from procurement.contracts.workflows import CONTRACT
from procurement.ordering.workflows import AUTHORISATION, ORDER
from procurement.receiving.workflows import ACCEPTANCE, DELIVERY
from sunlight.journal.keeping import keep_rows
from sunlight.journal.rowfacts import through
from sunlight.scope import wall

TWO = ("buyer_id", "seller_id")
ANSWER = ("state", "answered_at", *wall.acted("answered"), "answer_note", "version")
ENDED = ("state", "ended_at", "end_reason", "version")
# What was ordered costs what was agreed, for every role of the application and however it is written.
AS_AGREED = """
create function procurement_line_as_agreed() returns trigger language plpgsql as $$
begin
  if not exists (select from procurement_priceagreement a
                  where a.id = new.agreement_id and a.price = new.price and a.platform_id = new.platform_id
                    and a.buyer_id = new.buyer_id and a.seller_id = new.seller_id and a.price_group_id = new.price_group_id)
     or new.amount_fen <> round(new.price * new.quantity * 100) then
    raise exception 'order line %: price or amount is not what was agreed', new.number
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger an_order_line_costs_what_was_agreed
  before insert or update of agreement_id, price, quantity, amount_fen, platform_id, buyer_id, seller_id, price_group_id
  on procurement_orderline for each row when (current_user in ('sun_hospital', 'sun_supplier', 'sun_platform'))
  execute function procurement_line_as_agreed();
"""


class Migration(migrations.Migration):
    dependencies = [("procurement", "0001_schema"), ("scope", "0001_roles_and_functions"), ("journal", "0002_wall")]
    operations = [
        wall.party_rows(
            "procurement_offer",
            TWO,
            hospital_rights=wall.may_update(*ANSWER, rights=wall.APPEND),
            supplier_rights=wall.may_update(*ANSWER),
        ),
        wall.keeps_to("procurement_offer", OFFER),
        # Contracts and agreed prices follow from an answer; the platform writes them for whoever gave it.
        wall.party_rows(
            "procurement_supplycontract",
            TWO,
            hospital_rights=wall.may_update(*ENDED, "buyer_signed_at", *wall.acted("buyer_signed")),
            supplier_rights=wall.may_update(*ENDED, "seller_signed_at", *wall.acted("seller_signed")),
        ),
        wall.keeps_to("procurement_supplycontract", CONTRACT),
        wall.party_rows(
            "procurement_priceagreement", TWO, hospital_rights=wall.may_update("agreed_at"), supplier_rights=wall.READ
        ),
        wall.only_locked("procurement_priceagreement", "sun_hospital"),
        wall.party_rows("procurement_deliverypoint", ("hospital_id",), region=None, supplier_rights=wall.NO),
        wall.party_rows(
            "procurement_distributionauthorisation",
            ("manufacturer_id", "distributor_id"),
            region=None,
            hospital_rights=wall.READ,
            supplier_rights=wall.may_update("state", "revoked_at", "version", rights=wall.APPEND),
        ),
        wall.keeps_to("procurement_distributionauthorisation", AUTHORISATION),
        wall.party_rows(
            "procurement_order",
            hospital_rights=wall.may_update(
                *ANSWER, "closed_at", *wall.acted("closed"), "close_reason", rights=wall.APPEND
            ),
            supplier_rights=wall.may_update(*ANSWER, "delivery_due_at", "distributor_id"),
        ),
        # Whoever accepts the last goods, or takes an acceptance back, moves the order too.
        wall.keeps_to("procurement_order", ORDER, also={"sun_hospital": ("complete", "reopen")}),
        # Whoever delivers an order sees where to.
        wall.also(
            "procurement_deliverypoint",
            "sun_supplier",
            wall.READ,
            "exists (select 1 from procurement_order o where o.delivery_point_id = procurement_deliverypoint.id)",
        ),
        wall.party_rows(
            "procurement_orderline",
            hospital_rights=wall.may_update("is_live", "delivered_quantity", "accepted_quantity", rights=wall.APPEND),
            supplier_rights=wall.may_update("is_live", "delivered_quantity", "invoiced_quantity", "distributor_id"),
        ),
        migrations.RunSQL(
            AS_AGREED,
            "drop trigger an_order_line_costs_what_was_agreed on procurement_orderline;"
            " drop function procurement_line_as_agreed();",
        ),
        wall.party_rows(
            "procurement_delivery",
            hospital_rights=wall.may_update("state", "version"),
            supplier_rights=wall.may_update("state", "cancelled_at", "cancel_reason", "version", rights=wall.APPEND),
        ),
        wall.keeps_to("procurement_delivery", DELIVERY),
        wall.rows_of_parent(
            "procurement_deliveryline",
            "delivery_id",
            "procurement_delivery",
            hospital_rights=wall.READ,
            supplier_rights=wall.APPEND,
        ),
        wall.party_rows(
            "procurement_acceptance",
            hospital_rights=wall.may_update(
                "state", "reversed_at", *wall.acted("reversed"), "reversal_reason", "version", rights=wall.APPEND
            ),
            supplier_rights=wall.may_update("version"),
        ),
        wall.only_locked("procurement_acceptance", "sun_supplier"),
        wall.keeps_to("procurement_acceptance", ACCEPTANCE),
        wall.rows_of_parent(
            "procurement_acceptanceline",
            "acceptance_id",
            "procurement_acceptance",
            hospital_rights=wall.may_update("invoiced_quantity", rights=wall.APPEND),
            supplier_rights=wall.may_update("invoiced_quantity"),
        ),
        wall.only_locked("procurement_acceptanceline", "sun_hospital"),
        # A hospital's drafts: nobody on the other side of the trade sees them.
        wall.party_rows("procurement_offersheet", ("buyer_id",), supplier_rights=wall.READ),
        wall.keeps_to("procurement_offersheet", OFFER_SHEET),
        wall.rows_of_parent(
            "procurement_offersheetrow", "sheet_id", "procurement_offersheet", supplier_rights=wall.READ
        ),
        *(
            keep_rows(f"procurement_{name}")
            for name in ("supplycontract", "priceagreement", "order", "orderline", "acceptance")
        ),
        keep_rows("procurement_acceptanceline", platform=through("acceptance_id", "procurement_acceptance")),
    ]
