"""What the API answers about sheets of offers."""

from rest_framework import serializers as s

from procurement.bargaining.api.render import BoundItem
from sunlight.api.answers import page_of


class OfferSheetRow(s.Serializer):
    """`sending`: lines are being sent; read the sheet again for their answers."""

    id = s.IntegerField()
    number = s.CharField()
    name = s.CharField()
    state = s.CharField()
    state_label = s.CharField(source="get_state_display")
    months = s.IntegerField()
    filled = s.IntegerField()
    sent = s.IntegerField()
    sending = s.SerializerMethodField()
    created_at = s.DateTimeField()
    changed_at = s.DateTimeField()

    def get_sending(self, sheet) -> bool:
        return sheet.sending_at is not None


class LineRemark(s.Serializer):
    text = s.CharField()
    clause = s.CharField()
    is_draft = s.BooleanField()
    field = s.CharField(source="column")


class LineAnswer(s.Serializer):
    """The refusal of a line's last sending."""

    code = s.CharField()
    message = s.CharField()
    field = s.CharField()
    clauses = s.ListField(child=s.CharField())


class SheetLine(s.Serializer):
    """A line as typed with its verdict: FAULTY, BARRED, WARNED, READY or SENT. Prices in CNY a pricing unit."""

    position = s.IntegerField()
    version = s.IntegerField()
    product = s.CharField(source="row.product")
    quantity = s.CharField(source="row.quantity")
    price = s.CharField(source="row.price")
    remark = s.CharField(source="row.remark")
    price_group = s.IntegerField(source="row.price_group_id", allow_null=True)
    verdict = s.CharField()
    remarks = LineRemark(many=True)
    bounds = BoundItem(many=True, source="judged.bounds", default=[])
    ceiling = s.DecimalField(14, 4, source="judged.ceiling", allow_null=True, default=None)
    own_latest_price = s.DecimalField(14, 4, source="judged.own_latest", allow_null=True, default=None)
    alert_line = s.DecimalField(14, 4, source="view.alert.line", allow_null=True, default=None)
    segment = s.IntegerField(source="standing.segment", allow_null=True, default=None)
    colour = s.CharField(source="standing.colour", default="")
    suggested_price = s.DecimalField(14, 4, source="suggestion.price", allow_null=True, default=None)
    suggested_why = s.CharField(source="suggestion.why", default="")
    offer = s.IntegerField(source="row.offer_id", allow_null=True)
    answer = LineAnswer(source="row.answer", allow_null=True)


class OfferSheetWithLines(OfferSheetRow):
    lines = SheetLine(many=True)


class LineClash(s.Serializer):
    """A line somebody else changed since the version given, or that was sent: nothing of it was written."""

    position = s.IntegerField()
    version = s.IntegerField(source="row.version")
    changed_by = s.CharField(source="row.changed_by_name")
    is_sent = s.SerializerMethodField()
    theirs = s.DictField(child=s.CharField())
    yours = s.DictField(child=s.CharField())

    def get_is_sent(self, clash) -> bool:
        return clash.row.offer_id is not None


class LinesWritten(s.Serializer):
    lines = SheetLine(many=True)
    clashes = LineClash(many=True)


class SendingBegun(s.Serializer):
    waiting = s.IntegerField()


OfferSheetsPage = page_of(OfferSheetRow)


def row(sheet) -> dict:
    return OfferSheetRow(sheet).data


def whole(sheet, lines) -> dict:
    return OfferSheetRow(sheet).data | {"lines": SheetLine(lines, many=True).data}


def written(lines, clashes) -> dict:
    return {"lines": SheetLine(lines, many=True).data, "clashes": LineClash(clashes, many=True).data}
