"""Statistics of calibration samples: activations, moments, Hessians, gradients."""
