//! Reads the pickle of a `torch.save` file without running anything.
//!
//! A pickle is a program for a stack machine that can import and call any Python function. This machine knows the
//! few instructions that weights need; the only things that can be named are those in [`globals`], and to call one of
//! them makes a plain value here. Everything else ends in an error that names what was refused.
//!
//! Followed: the opcode table of CPython's `pickletools`, and `torch/_weights_only_unpickler.py` for the idea.

mod globals;
mod machine;
mod value;

pub(super) use machine::run;
pub(super) use value::{Heap, Tensor, Value};
