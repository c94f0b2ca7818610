//! What a viewer of live video gets and says, without the connection between them.
//!
//! A [`message`] is one frame: its number, so that a click can name it, its times, a JPEG, and a mask for every object. A viewer answers
//! it with a [`Word`] once it is drawn; a [`Ladder`] makes of the answers how large the next one is.

mod ladder;
mod masks;
mod message;
mod word;

pub use ladder::{Ladder, Rung};
pub use masks::{runs, unpack};
pub use message::{FrameMessage, MessageError, MessageObject, View, address, body};
pub use word::Word;
