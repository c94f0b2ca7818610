//! CPU kernels over plain slices: no Burn types, no allocation policy.
