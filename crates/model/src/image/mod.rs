//! Image work on the host: resizing, normalising, mask scaling. No Burn types.
