//! A camera simulator and a chaos proxy for the tests of maskd.
