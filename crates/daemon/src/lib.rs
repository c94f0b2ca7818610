//! The maskd daemon: streams, scheduling, sinks, operation.
