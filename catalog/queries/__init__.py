"""Reading the catalogue: national codes and listings."""

from catalog.queries.codes import access_national_code, national_codes_search

__all__ = ["access_national_code", "national_codes_search"]
