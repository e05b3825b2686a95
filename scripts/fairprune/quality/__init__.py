"""What a summary is worth beside its fairness: validity, ROUGE, copying, position, length."""
