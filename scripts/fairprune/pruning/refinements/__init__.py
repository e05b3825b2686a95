"""One file a refinement: how a mask is improved after selection."""
