"""规则试算: ask any rule with one's own facts, for any region and day, and see why."""

from django.shortcuts import render

from sunlight import scope
from sunlight.kernel.reading import whole_or
from sunlight.scope.clock import business_date
from sunlight.web.pages import clock, page
from supervision import readers
from supervision.queries import trials


@page(readers.RULES)
def rules(request):
    return render(request, "supervision/rules.html", {"apps": trials.rules_by_app()})


@page(readers.RULES, methods=("GET", "POST"))
def rule(request, name):
    found = trials.rule_named(name)
    typed = _empty(request)
    example = whole_or(request.GET.get("example", ""), None)
    if example is not None:
        typed |= {key: value for key, value in trials.example_typed(found, example).items() if value}
    asked = None
    if request.method == "POST":
        typed |= request.POST.dict()
        asked = trials.ask(found, typed)
    return render(
        request,
        "supervision/rule.html",
        {
            "rule": trials.described(found),
            "inputs": asked.inputs if asked else trials.inputs_of(found, typed),
            "asked": asked,
            "errors": asked.errors if asked else {},
            "law": {
                "region": typed["region"],
                "date": typed["date"],
                "drafts": typed["drafts"],
                "region_2": typed["region_2"],
                "date_2": typed["date_2"],
                "region_error": _error(asked, "region"),
                "date_error": _error(asked, "date"),
                "region_2_error": _error(asked, "region_2"),
                "date_2_error": _error(asked, "date_2"),
            },
            "regions": scope.policy().regions.values(),
            "examples": list(enumerate(trials.examples_of(found))),
        },
        status=422 if asked and asked.errors else 200,
    )


def _error(asked, name: str) -> str:
    return asked.errors.get(name, "") if asked else ""


def _empty(request) -> dict[str, str]:
    """The form before anything was typed: the platform's own region, its switch for drafts, and today."""
    return {
        "region": request.actor.region_code,
        "date": business_date(clock(request)).isoformat(),
        "drafts": request.actor.drafts,
        "region_2": "",
        "date_2": "",
    }
