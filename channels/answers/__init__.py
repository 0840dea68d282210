"""One answer on a page of its own: what a short message could not hold, behind a signed link that expires."""
