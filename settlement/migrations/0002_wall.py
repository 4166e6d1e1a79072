from django.db import migrations

from settlement.workflows.account import ACCOUNT_CHANGE
from settlement.workflows.paying import INVOICE, RUN
from sunlight.journal.keeping import keep_rows
from sunlight.journal.rowfacts import through
from sunlight.scope import wall

BALANCED = """
create function settlement_entry_balances() returns trigger language plpgsql as $$
declare debits bigint; credits bigint;
begin
  select coalesce(sum(amount_fen) filter (where side = 'DEBIT'), 0), coalesce(sum(amount_fen) filter (where side = 'CREDIT'), 0)
    into debits, credits from settlement_leg where entry_id = new.entry_id;
  if debits <> credits then
    raise exception 'entry % does not balance: debits % fen, credits % fen', new.entry_id, debits, credits
      using errcode = 'integrity_constraint_violation', constraint = 'an_entry_balances';
  end if;
  return null;
end $$;
create constraint trigger settlement_leg_balances after insert on settlement_leg
  deferrable initially deferred for each row execute function settlement_entry_balances();
"""

# The ledger is written by the platform alone, on a party's behalf; a party reads its own accounts and legs.
OWN = f"platform_id = {wall.PLATFORM} and organisation_id = {wall.PARTY}"


def ledger(table: str, rights: str) -> migrations.RunSQL:
    return wall.party_rows(table, ("organisation_id",), region=None, party_rights=wall.READ, platform_rights=rights)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_schema"), ("scope", "0001_roles_and_functions"), ("journal", "0002_wall")]
    operations = [
        ledger("settlement_account", wall.APPEND),
        ledger("settlement_balance", wall.WRITE),
        ledger("settlement_leg", wall.APPEND),
        wall.platform_rows("settlement_entry", rights=wall.APPEND),
        wall.also(
            "settlement_entry",
            "sun_party",
            wall.READ,
            "exists (select 1 from settlement_leg leg where leg.entry_id = settlement_entry.id)",
        ),
        wall.append_only("settlement_entry"),
        wall.append_only("settlement_leg"),
        migrations.RunSQL(
            BALANCED,
            "drop trigger settlement_leg_balances on settlement_leg; drop function settlement_entry_balances();",
        ),
        wall.party_rows(
            "settlement_invoice",
            hospital_rights=wall.may_update("version"),
            supplier_rights=wall.may_update("state", "voided_at", "version", rights=wall.APPEND),
        ),
        wall.only_locked("settlement_invoice", "sun_hospital"),
        # Matched or not is found before an invoice is kept.
        wall.keeps_to("settlement_invoice", INVOICE, begins={"sun_supplier": ("MATCHED", "MISMATCHED")}),
        wall.rows_of_parent(
            "settlement_invoiceline",
            "invoice_id",
            "settlement_invoice",
            hospital_rights=wall.READ,
            supplier_rights=wall.APPEND,
        ),
        # What is owed, and what is paid to which account, the platform writes for whoever causes it. Locking a row takes the
        # right to change one of its columns.
        wall.party_rows("settlement_payable", party_rights=wall.may_update("version")),
        wall.only_locked("settlement_payable", "sun_hospital", "sun_supplier"),
        wall.party_rows(
            "settlement_paymentrun",
            ("buyer_id",),
            hospital_rights=wall.may_update(
                "state", "decided_at", *wall.acted("decided"), "decision_note", "version", rights=wall.APPEND
            ),
            supplier_rights=wall.READ,
        ),
        wall.keeps_to("settlement_paymentrun", RUN),
        wall.party_rows("settlement_payment", hospital_rights=wall.may_update("version"), supplier_rights=wall.READ),
        wall.only_locked("settlement_payment", "sun_hospital"),
        wall.party_rows(
            "settlement_overpayment", hospital_rights=wall.may_update("version"), supplier_rights=wall.READ
        ),
        wall.only_locked("settlement_overpayment", "sun_hospital"),
        wall.party_rows("settlement_netting", hospital_rights=wall.may_update("version"), supplier_rights=wall.READ),
        wall.only_locked("settlement_netting", "sun_hospital"),
        wall.party_rows(
            "settlement_accountchange",
            ("payee_id",),
            region=None,
            hospital_rights=wall.may_update("version"),
            supplier_rights=wall.may_update(
                "state",
                "confirmed_at",
                *wall.acted("confirmed", "ended"),
                "ended_at",
                "end_reason",
                "version",
                rights=wall.APPEND,
            ),
        ),
        wall.only_locked("settlement_accountchange", "sun_hospital"),
        wall.keeps_to("settlement_accountchange", ACCOUNT_CHANGE),
        wall.party_rows("settlement_paymentreturn", party_rights=wall.READ),
        # The hospital reads what the bank was told to pay for it; only the operator writes it.
        wall.party_rows("settlement_instructionbatch", ("buyer_id",), party_rights=wall.READ),
        wall.party_rows("settlement_instructionline", ("buyer_id",), party_rights=wall.READ),
        wall.platform_rows("settlement_instructionexport", rights=wall.APPEND),
        wall.append_only("settlement_instructionexport"),
        wall.platform_rows("settlement_banknotice", rights=wall.APPEND),
        wall.append_only("settlement_banknotice"),
        wall.platform_rows("settlement_bankstatement"),
        wall.platform_rows("settlement_statementline"),
        *(
            keep_rows(f"settlement_{name}")
            for name in (
                "account",
                "accountchange",
                "balance",
                "entry",
                "leg",
                "invoice",
                "payable",
                "paymentrun",
                "payment",
                "overpayment",
                "netting",
                "bankstatement",
                "statementline",
                "paymentreturn",
                "instructionbatch",
                "instructionline",
                "instructionexport",
                "banknotice",
            )
        ),
        keep_rows("settlement_invoiceline", platform=through("invoice_id", "settlement_invoice")),
    ]
