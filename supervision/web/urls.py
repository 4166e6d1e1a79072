from django.urls import path

from supervision.web import drafts, findings, journal_checks, late, law, overview, rules, trace

app_name = "supervision"
urlpatterns = [
    path("trace/<slug:subject_type>/<int:subject_id>/", trace.trace, name="trace"),
    path("statements/<slug:kind>/<int:record_id>/", trace.statement, name="statement"),
    path("refusals/", trace.refusals, name="refusals"),
    path("clauses/<str:clause_id>/", trace.clause, name="clause"),
    path("rules/", rules.rules, name="rules"),
    path("rules/<str:name>/", rules.rule, name="rule"),
    path("acts/", law.acts, name="acts"),
    path("acts/<slug:act_id>/", law.act, name="act"),
    path("acts/<slug:act_id>/documents/", law.document_add, name="act_document_add"),
    path("acts/<slug:act_id>/documents/<int:document_id>/", law.document_take_back, name="act_document_take_back"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/propose/", drafts.propose, name="drafts_propose"),
    path("drafts/<int:switch_id>/", drafts.decide, name="drafts_decide"),
    path("overview/", overview.overview, name="overview"),
    path("overview/rows/<slug:figure>/", overview.figure_rows, name="figure_rows"),
    path("overview/refusals/<str:clause_id>/", overview.clause_refusals, name="clause_refusals"),
    path("overview/late/", late.late, name="late"),
    path("overview/late/<slug:matter>/", late.late_rows, name="late_rows"),
    path("matters/", findings.matters, name="matters"),
    path("matters/<slug:matter>/", findings.matter, name="matter"),
    path("matters/<slug:matter>/<int:row_id>/", findings.matter_row, name="matter_row"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<int:finding_id>/", findings.finding, name="finding"),
    path("journal/", journal_checks.journal_checks, name="journal_checks"),
    path("journal/start/", journal_checks.start, name="journal_check_start"),
    path("journal/<int:check_id>/", journal_checks.journal_check, name="journal_check"),
    path("parameters/", law.parameters, name="parameters"),
]
