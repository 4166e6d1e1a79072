"""Services of the catalogue: `releases` imports the national release, `listings` moves a listing through its states."""
