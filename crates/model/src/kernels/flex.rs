//! [`Kernels`] for Burn's CPU backend.

use super::Kernels;
use burn_flex::Flex;

impl Kernels for Flex {}
