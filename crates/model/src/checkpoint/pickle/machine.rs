//! The stack machine.

use super::globals::{Global, persistent};
use super::value::{Heap, HeapFull, Value};
use crate::checkpoint::listing::shown;
use crate::checkpoint::problem::Problem;
use std::collections::HashMap;

const MAX_STACK: usize = 1 << 16;
const MAX_MARKS: usize = 1 << 10;
const MAX_MEMO: usize = 1 << 18;
const MAX_PROTOCOL: u8 = 5;

/// Runs a pickle to its end and returns what it made.
pub fn run(pickle: &[u8]) -> Result<(Heap<'_>, Value<'_>), Problem> {
    let mut machine =
        Machine { pickle, at: 0, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), heap: Heap::default() };
    loop {
        let at = machine.at;
        let step = machine.step();
        match step {
            Ok(None) => {}
            Ok(Some(result)) => return Ok((machine.heap, result)),
            Err(stop) => return Err(stop.into_problem(at)),
        }
    }
}

/// Why the machine stopped before its end.
enum Stop {
    Damaged(&'static str),
    Opcode(u8),
    Global(String),
}

impl From<HeapFull> for Stop {
    fn from(_: HeapFull) -> Self {
        Self::Damaged("it makes more values than any checkpoint needs")
    }
}

impl Stop {
    fn into_problem(self, at: usize) -> Problem {
        match self {
            Self::Damaged(reason) => Problem::Pickle { at, reason: reason.to_owned() },
            Self::Opcode(opcode) => Problem::RefusedOpcode { opcode, at },
            Self::Global(name) => Problem::RefusedGlobal { name },
        }
    }
}

struct Machine<'a> {
    pickle: &'a [u8],
    at: usize,
    stack: Vec<Value<'a>>,
    /// Heights of the stack at which groups of values begin.
    marks: Vec<usize>,
    memo: HashMap<u32, Value<'a>>,
    heap: Heap<'a>,
}

impl<'a> Machine<'a> {
    /// Does one instruction; the last one gives the result.
    fn step(&mut self) -> Result<Option<Value<'a>>, Stop> {
        let opcode = self.byte()?;
        match opcode {
            b'.' => return self.finish().map(Some),
            0x80 => self.protocol()?,
            0x95 => drop(self.take(8)?),
            b'(' => self.mark()?,
            b'N' => self.push(Value::None)?,
            0x88 | 0x89 => self.push(Value::Bool)?,
            b'J' | b'K' | b'M' | 0x8a => self.integer(opcode)?,
            b'G' => self.float()?,
            b'X' | 0x8c => self.text(opcode)?,
            b')' | b't' | 0x85..=0x87 => self.tuple(opcode)?,
            b']' | b'a' | b'e' => self.list(opcode)?,
            b'}' | b's' | b'u' => self.dict(opcode)?,
            b'q' | b'r' | 0x94 => self.put(opcode)?,
            b'h' | b'j' => self.get(opcode)?,
            b'c' | 0x93 | b'i' => self.global(opcode)?,
            b'Q' => self.persistent()?,
            b'R' => self.call()?,
            b'b' => self.build()?,
            _ => return Err(Stop::Opcode(opcode)),
        }
        Ok(None)
    }

    fn finish(&mut self) -> Result<Value<'a>, Stop> {
        let result = self.pop()?;
        if !self.stack.is_empty() || !self.marks.is_empty() {
            return Err(Stop::Damaged("it ends with values left over"));
        }
        if self.at != self.pickle.len() {
            return Err(Stop::Damaged("something follows its end"));
        }
        Ok(result)
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Stop> {
        let rest = self.pickle.get(self.at..).unwrap_or_default();
        let taken = rest.get(..count).ok_or(Stop::Damaged("it is cut off"))?;
        self.at += count;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let bytes = self.take(N)?;
        bytes.first_chunk::<N>().copied().ok_or(Stop::Damaged("it is cut off"))
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn line(&mut self) -> Result<&'a str, Stop> {
        let rest = self.pickle.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|&byte| byte == b'\n').ok_or(Stop::Damaged("it is cut off"))?;
        let line = self.take(length)?;
        self.at += 1;
        std::str::from_utf8(line).map_err(|_| Stop::Damaged("a name is no text"))
    }

    fn push(&mut self, value: Value<'a>) -> Result<(), Stop> {
        if self.stack.len() >= MAX_STACK {
            return Err(Stop::Damaged("it stacks more values than any checkpoint needs"));
        }
        self.stack.push(value);
        Ok(())
    }

    /// Takes the top of the stack, but nothing from before the last mark.
    fn pop(&mut self) -> Result<Value<'a>, Stop> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(Stop::Damaged("it takes a value that is not there"));
        }
        self.stack.pop().ok_or(Stop::Damaged("it takes a value that is not there"))
    }

    /// The value on top, which stays.
    fn top(&self) -> Result<Value<'a>, Stop> {
        self.stack.last().copied().ok_or(Stop::Damaged("it uses a value that is not there"))
    }

    fn mark(&mut self) -> Result<(), Stop> {
        if self.marks.len() >= MAX_MARKS {
            return Err(Stop::Damaged("it nests deeper than any checkpoint needs"));
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    /// Everything since the last mark.
    fn pop_mark(&mut self) -> Result<Vec<Value<'a>>, Stop> {
        let mark = self.marks.pop().filter(|&mark| mark <= self.stack.len());
        let mark = mark.ok_or(Stop::Damaged("it closes a group that was not opened"))?;
        Ok(self.stack.split_off(mark))
    }

    fn protocol(&mut self) -> Result<(), Stop> {
        let version = self.byte()?;
        if (2..=MAX_PROTOCOL).contains(&version) {
            Ok(())
        } else {
            Err(Stop::Damaged("its protocol is none that torch.save writes (2 to 5)"))
        }
    }

    fn integer(&mut self, opcode: u8) -> Result<(), Stop> {
        let number = match opcode {
            b'J' => i64::from(i32::from_le_bytes(self.array()?)),
            b'K' => i64::from(self.byte()?),
            b'M' => i64::from(u16::from_le_bytes(self.array()?)),
            _ => self.long()?,
        };
        self.push(Value::Int(number))
    }

    /// A number of up to eight bytes in two's complement.
    fn long(&mut self) -> Result<i64, Stop> {
        let length = usize::from(self.byte()?);
        let bytes = self.take(length)?;
        let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide.get_mut(..length).ok_or(Stop::Damaged("it has a number of more than 64 bits"))?.copy_from_slice(bytes);
        Ok(i64::from_le_bytes(wide))
    }

    fn float(&mut self) -> Result<(), Stop> {
        self.take(8)?;
        self.push(Value::Float)
    }

    fn text(&mut self, opcode: u8) -> Result<(), Stop> {
        let length = match opcode {
            b'X' => u32::from_le_bytes(self.array()?),
            _ => u32::from(self.byte()?),
        };
        let length = usize::try_from(length).map_err(|_| Stop::Damaged("a text is too long"))?;
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Stop::Damaged("a text is no UTF-8"))?;
        self.push(Value::Text(text))
    }

    fn tuple(&mut self, opcode: u8) -> Result<(), Stop> {
        let items = match opcode {
            b't' => self.pop_mark()?,
            b')' => Vec::new(),
            _ => self.pop_few(usize::from(opcode - 0x84))?,
        };
        let tuple = self.heap.new_tuple(&items)?;
        self.push(tuple)
    }

    fn pop_few(&mut self, count: usize) -> Result<Vec<Value<'a>>, Stop> {
        let mut items = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        Ok(items)
    }

    fn list(&mut self, opcode: u8) -> Result<(), Stop> {
        match opcode {
            b']' => return self.push(Value::List),
            b'a' => drop(self.pop()?),
            _ => drop(self.pop_mark()?),
        }
        if matches!(self.top()?, Value::List) { Ok(()) } else { Err(Stop::Damaged("it appends to what is no list")) }
    }

    fn dict(&mut self, opcode: u8) -> Result<(), Stop> {
        let items = match opcode {
            b'}' => {
                let dict = self.heap.new_dict()?;
                return self.push(dict);
            }
            b's' => self.pop_few(2)?,
            _ => self.pop_mark()?,
        };
        let Value::Dict(id) = self.top()? else { return Err(Stop::Damaged("it adds a key to what is no dict")) };
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Stop::Damaged("it adds a key without a value"));
        }
        self.heap.charge(pairs.len())?;
        for &[key, value] in pairs {
            self.heap.set_item(id, key, value).ok_or(Stop::Damaged("it adds to a dict that is not there"))?;
        }
        Ok(())
    }

    fn put(&mut self, opcode: u8) -> Result<(), Stop> {
        let slot = match opcode {
            b'q' => u32::from(self.byte()?),
            b'r' => u32::from_le_bytes(self.array()?),
            // MAX_MEMO bounds the length, so it fits.
            _ => self.memo.len() as u32,
        };
        let value = self.top()?;
        self.memo.insert(slot, value);
        if self.memo.len() > MAX_MEMO {
            return Err(Stop::Damaged("it remembers more values than any checkpoint needs"));
        }
        Ok(())
    }

    fn get(&mut self, opcode: u8) -> Result<(), Stop> {
        let slot = match opcode {
            b'h' => u32::from(self.byte()?),
            _ => u32::from_le_bytes(self.array()?),
        };
        let value = self.memo.get(&slot).copied().ok_or(Stop::Damaged("it recalls a value it never remembered"))?;
        self.push(value)
    }

    fn global(&mut self, opcode: u8) -> Result<(), Stop> {
        let (module, name) = if opcode == 0x93 { self.names_on_stack()? } else { (self.line()?, self.line()?) };
        // Opcode `i` makes an object of a class, which nothing here can be.
        let known = if opcode == b'i' { None } else { Global::find(module, name) };
        let global = known.ok_or_else(|| Stop::Global(format!("{}.{}", shown(module), shown(name))))?;
        self.push(Value::Global(global))
    }

    fn names_on_stack(&mut self) -> Result<(&'a str, &'a str), Stop> {
        match (self.pop()?, self.pop()?) {
            (Value::Text(name), Value::Text(module)) => Ok((module, name)),
            _ => Err(Stop::Damaged("it refers to something by what is no name")),
        }
    }

    fn persistent(&mut self) -> Result<(), Stop> {
        let id = self.pop()?;
        let storage = persistent(id, &self.heap).ok_or(Stop::Damaged("it refers to what is no storage of numbers"))?;
        let storage = self.heap.new_storage(storage)?;
        self.push(storage)
    }

    fn call(&mut self) -> Result<(), Stop> {
        let arguments = self.pop()?;
        let Value::Global(global) = self.pop()? else { return Err(Stop::Damaged("it calls what is no function")) };
        let made = global.call(arguments, &mut self.heap)?;
        self.push(made.ok_or(Stop::Damaged("it calls a function with arguments that torch.save does not write"))?)
    }

    /// Sets attributes of an object. A state dict has one, `_metadata`, which only versions of modules are in.
    fn build(&mut self) -> Result<(), Stop> {
        self.pop()?;
        if matches!(self.top()?, Value::Dict(_)) {
            Ok(())
        } else {
            Err(Stop::Damaged("it sets attributes of what has none"))
        }
    }
}
