"""Chapter 6: what goes wrong, each of it once, through the real services, and what the platform says of it.

Above the line, late in delivery: chapter 5. Here: late in paying (the invoice that chapter 4 left out), a supplier that never
answers, a certificate that has ended and one that will, a file with refused rows and one refused whole, an objection to a published price, a notice to all.
"""

from datetime import timedelta

from catalog.services.listings import certificate_renew, listing_price_publicise
from catalog.services.reminders import certificates_remind
from pricing.services.price_lists import price_list_import
from procurement.bargaining.services.offers import offer_make
from procurement.bargaining.services.silence import offers_sweep
from procurement.receiving.services.reminders import orders_overdue_record
from settlement.services.bank import bank_statement_import
from settlement.services.reminders import payables_remind
from sunlight import scope
from sunlight.demo.chapters.bargaining import QUANTITY, offered_price
from sunlight.demo.chapters.listing import PACKS, Group
from sunlight.demo.files import price_list
from sunlight.demo.stage import Stage
from sunlight.journal.refusals import Refused
from sunlight.messages.services.messages import notice_publish
from sunlight.publicity.services import objection_lodge, publicity_sweep
from sunlight.scope import Client
from sunlight.scope.actor import ANONYMOUS


def play(stage: Stage, groups: list[Group]) -> None:
    _silent_supplier(stage, groups)
    _certificates(stage, groups)
    _files(stage, groups)
    _objections(stage, groups)
    _notices(stage)
    for remind in (orders_overdue_record, payables_remind, certificates_remind):
        stage.system(remind, on=stage.today, hour=8)
    stage.news_travels(stage.today)
    stage.say("逾期、沉默、到期、拒收各一例，已提醒各方")


def _silent_supplier(stage: Stage, groups: list[Group]) -> None:
    """An offer to the third maker that nobody answers until its day has ended."""
    group = next(g for g in groups if g.maker == 3)
    stage.does(
        "buyer3",
        offer_make,
        on=stage.day(-9),
        price_group_id=group.price_group.id,
        price=f"{offered_price(group, 15)}",
        quantity=QUANTITY[group.product.unit],
    )
    stage.system(offers_sweep, on=stage.today, hour=1)


def _certificates(stage: Stage, groups: list[Group]) -> None:
    """The drug regulator has shortened one certificate to a day that has passed, another ends in six weeks."""
    own = [g for g in groups if g.maker == 2]
    for group, days in ((own[-1], -10), (own[-2], 42)):
        stage.does(
            "reviewer",
            certificate_renew,
            on=stage.day(-12),
            number=group.product.certificate,
            valid_until=stage.today + timedelta(days=days),
        )


def _files(stage: Stage, groups: list[Group]) -> None:
    """A price list of which some rows are refused, and a bank statement cut in half, refused whole."""
    product = next(g for g in groups if g.maker == 2).product
    listed = price_list.Product(
        product.codes[0], product.certificate, product.unit, product.price, PACKS.get(product.unit)
    )
    stage.does(
        "lister2",
        price_list_import,
        on=stage.day(-1),
        name="省外价格申报表.csv",
        commits=True,
        content=price_list.price_list([listed], on=stage.today),
    )
    try:
        stage.does(
            "settler",
            bank_statement_import,
            on=stage.day(-1),
            name="监管账户对账单（不完整）.csv",
            content="账号,".encode(),
        )
    except Refused:
        stage.say("不完整的银行对账单被拒收，已留痕")


def _objections(stage: Stage, groups: list[Group]) -> None:
    """Three listed prices before the public: one still unopposed, one with an objection to answer, one that stood."""
    own = [g for g in groups if g.maker == 3]
    running, opposed, stood = (
        stage.does("reviewer", listing_price_publicise, on=stage.day(day), listing_id=group.listing_id)
        for group, day in ((own[-1], -2), (own[-2], -3), (own[-3], -9))
    )
    with scope.opened(ANONYMOUS):
        objection_lodge(
            client=Client(address="198.51.100.7", agent="seed"),
            at=stage.moment(stage.day(-1), 15),
            number=opposed.number,
            name="示范市民",
            contact="0755-26669999",
            text="该产品在外省平台的挂网价低于本次公示价格，请核对申报是否及时、真实。",
        )
    stage.system(publicity_sweep, on=stage.today, hour=1)
    stage.say(f"价格公示 {running.number}、{opposed.number}（有异议）、{stood.number}（期满）")


def _notices(stage: Stage) -> None:
    everybody = ("HOSPITAL", "SUPPLIER", "REGULATOR", "PLATFORM")
    stage.does(
        "support",
        notice_publish,
        on=stage.day(-1),
        title="关于年终结算时间安排的通知",
        audience=everybody,
        must_acknowledge=True,
        is_public=True,
        body="各单位：请于本月最后一个工作日前完成本年度已验收货物的开票与付款复核，逾期发票转入下一年度结算。",
    )
    stage.does(
        "support",
        notice_publish,
        on=stage.day(-3),
        title="平台操作培训",
        audience=("HOSPITAL", "SUPPLIER"),
        body="本周五下午三时举行线上培训，内容为议价、下单与验收。参加方式见平台操作手册。",
    )
