"""Writers whose fairness is known, and what verdicts say of them."""
