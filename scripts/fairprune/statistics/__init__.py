"""Statistics of calibration samples: activations, moments, Gram matrices, gradients."""
