"""政策试算: a draft as an amendment of the documents, and kept decisions judged under it."""
