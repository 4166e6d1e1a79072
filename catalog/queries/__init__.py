"""Reading the catalogue: national codes, listings, what a listing must satisfy."""
