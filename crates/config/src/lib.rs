//! The configuration of the maskd daemon.
