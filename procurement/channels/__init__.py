"""Where a hospital may buy a product on a day: the rule of purchase channels and its facts, asked at every offer and order.
Buying off the platforms is judged by the same rule; nobody asks that half before offline purchases are recorded here."""
