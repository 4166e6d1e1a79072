"""What changes the catalogue: `releases` takes in the national release, `listings` carries a listing through its life."""
