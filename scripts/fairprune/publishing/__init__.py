"""A pruned model for others: its model card, and the way to the Hugging Face hub."""
