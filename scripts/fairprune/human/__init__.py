"""Human evaluation: blinded sheets of pairs of summaries, and what annotators answered."""
