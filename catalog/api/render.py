"""How the API shows the catalogue: import runs, national codes, listings."""

from rest_framework import serializers

from catalog.queries.views import ListingView
from sunlight.kernel.money import price_text
from sunlight.sheets.workflows import ImportState


class RefusedRow(serializers.Serializer):
    row = serializers.IntegerField(help_text="表中行号，表头为第 1 行")
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    clause = serializers.CharField()
    cells = serializers.DictField(child=serializers.CharField())


class ImportRun(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(["catalog.full", "catalog.disabled", "catalog.transcode", "catalog.release"])
    file = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.ChoiceField(ImportState.values())
    whole = serializers.BooleanField(help_text="有一行不合格则全部不采用")
    rows_total = serializers.IntegerField()
    rows_taken = serializers.IntegerField()
    rows_unchanged = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    rows_held = serializers.IntegerField(help_text="合格但因全部不采用而未写入的行")
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class ImportRunPage(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ImportRun(many=True)


class ImportReport(ImportRun):
    refused = RefusedRow(many=True)
    next_row = serializers.IntegerField(allow_null=True, help_text="其余拒收行：?after=此行号")


class NationalCode(serializers.Serializer):
    code = serializers.CharField()
    generic_code = serializers.CharField()
    kind = serializers.ChoiceField(["consumable", "reagent"])
    is_retired = serializers.BooleanField()
    replaced_by = serializers.CharField()
    product_name = serializers.CharField()
    producer_name = serializers.CharField()
    registration_number = serializers.CharField()
    specification = serializers.CharField()
    model = serializers.CharField()
    udi_di = serializers.CharField()
    category = serializers.ListField(child=serializers.CharField())


class NationalCodePage(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = NationalCode(many=True)


class Listing(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField()
    price_group = serializers.IntegerField()
    name = serializers.CharField()
    generic_code = serializers.CharField()
    pricing_unit = serializers.CharField()
    variant = serializers.CharField()
    declared_price = serializers.CharField()
    price_reason = serializers.CharField()
    certificate = serializers.CharField()
    certificate_valid_until = serializers.DateField(allow_null=True)
    manufacturer = serializers.CharField()
    region = serializers.CharField()
    platform = serializers.CharField()
    listed_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    review_note = serializers.CharField()
    end_reason = serializers.CharField()
    version = serializers.IntegerField()


class ListingPage(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = Listing(many=True)


class Commitment(serializers.Serializer):
    text = serializers.CharField()
    sha256 = serializers.CharField(help_text="提交时在 commitment_sha256 中原样回传，即为签署")


class Check(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()
    ok = serializers.BooleanField()
    warns = serializers.BooleanField(help_text="只作提示，不妨碍申请（征求意见稿）")
    message = serializers.CharField()
    clause = serializers.CharField()
    status = serializers.CharField(help_text="条款的效力：in_force 或 draft；无条款为空")


class SisterPrice(serializers.Serializer):
    """Another price group of the certificate; the price in CNY a base unit."""

    number = serializers.CharField()
    state = serializers.CharField()
    name = serializers.CharField()
    generic_code = serializers.CharField()
    same_code = serializers.BooleanField()
    price = serializers.CharField()
    unit = serializers.CharField()


class ListingDetail(Listing):
    codes = serializers.ListField(child=serializers.CharField())
    packs = serializers.DictField(child=serializers.IntegerField())
    platforms = serializers.ListField(child=serializers.CharField())
    zone = serializers.CharField(allow_null=True)
    commitment = Commitment()
    checks = Check(many=True)
    sisters = SisterPrice(many=True)


def import_run(run) -> dict:
    return {
        "id": run.id,
        "kind": run.kind,
        "file": run.file.name,
        "sha256": run.file.sha256,
        "state": run.state,
        "whole": run.whole,
        "rows_total": run.rows_total,
        "rows_taken": run.rows_taken,
        "rows_unchanged": run.rows_unchanged,
        "rows_refused": run.rows_refused,
        "rows_held": run.rows_held,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def refused_row(row) -> dict:
    return {
        "row": row.row_number,
        "column": row.column,
        "code": row.code,
        "message": row.message,
        "clause": row.clause,
        "cells": row.cells,
    }


def national_code(spec) -> dict:
    return {
        "code": spec.code,
        "generic_code": spec.generic_code,
        "kind": spec.kind,
        "is_retired": spec.is_retired,
        "replaced_by": spec.replaced_by,
        "product_name": spec.product_name,
        "producer_name": spec.producer_name,
        "registration_number": spec.registration_number,
        "specification": spec.specification,
        "model": spec.model,
        "udi_di": spec.udi_di,
        "category": [spec.category_1, spec.category_2, spec.category_3],
    }


def listing(row) -> dict:
    group = row.price_group
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "price_group": group.id,
        "name": group.name,
        "generic_code": group.generic_code,
        "pricing_unit": group.pricing_unit,
        "variant": group.variant,
        "declared_price": price_text(row.declared_price),
        "price_reason": row.price_reason,
        "certificate": group.certificate.number,
        "certificate_valid_until": group.certificate.valid_until,
        "manufacturer": row.manufacturer.name,
        "region": row.region.code,
        "platform": row.platform.code,
        "listed_on": row.listed_on,
        "ended_on": row.ended_on,
        "review_note": row.review_note,
        "end_reason": row.end_reason,
        "version": row.version,
    }


def listing_detail(view: ListingView) -> dict:
    return {
        **listing(view.listing),
        "codes": [spec.code for spec in view.specifications],
        "packs": {pack.name: pack.factor for pack in view.packs},
        "platforms": [opened.platform.code for opened in view.opened if opened.closed_on is None],
        "zone": view.zone,
        "commitment": {"text": view.commitment.text, "sha256": view.commitment.sha256},
        "sisters": [
            {
                "number": each.listing.number,
                "state": each.listing.state,
                "name": each.listing.price_group.name,
                "generic_code": each.listing.price_group.generic_code,
                "same_code": each.is_same_code,
                "price": price_text(each.price),
                "unit": each.unit,
            }
            for each in view.sisters
        ],
        "checks": [{k: v for k, v in check.to_dict().items() if k != "field"} for check in view.checks],
    }
