from django.db import migrations

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
    dependencies = [("settlement", "0001_schema"), ("scope", "0001_roles_and_functions")]
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
        wall.party_rows("settlement_invoice"),
        wall.rows_of_parent("settlement_invoiceline", "invoice_id", "settlement_invoice"),
        wall.party_rows("settlement_payable"),
        wall.party_rows("settlement_paymentrun", ("buyer_id",)),
        wall.party_rows("settlement_payment"),
        wall.party_rows("settlement_accountchange", ("payee_id",), region=None),
        wall.platform_rows("settlement_bankstatement"),
        wall.platform_rows("settlement_statementline"),
    ]
