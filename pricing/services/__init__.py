"""Acts on prices, one transaction each."""

from pricing.services.deals import (
    Deal,
    deal_fact_exclude,
    deal_fact_net,
    deal_fact_record,
    deal_facts_net,
    deal_facts_record,
    deal_facts_redeliver,
)
from pricing.services.declarations import declaration_confirm, declaration_reject, declaration_submit
from pricing.services.feeds import code_feed_advance, code_feed_fill, codes_announce
from pricing.services.listed import listed_price_open
from pricing.services.nightly import nightly_run, nightly_run_begin, nightly_run_continue
from pricing.services.price_lists import price_list_import
from pricing.services.publication import price_information_publish

__all__ = [
    "Deal",
    "code_feed_advance",
    "code_feed_fill",
    "codes_announce",
    "deal_fact_exclude",
    "deal_fact_net",
    "deal_fact_record",
    "deal_facts_net",
    "deal_facts_record",
    "deal_facts_redeliver",
    "declaration_confirm",
    "declaration_reject",
    "declaration_submit",
    "listed_price_open",
    "nightly_run",
    "nightly_run_begin",
    "nightly_run_continue",
    "price_information_publish",
    "price_list_import",
]
