//! Values of the pickle machine. All of them are small and copied; what they refer to lives in a [`Heap`], so that
//! neither a cycle nor deep nesting costs more than its own bytes.

use super::globals::Global;
use crate::checkpoint::dtype::Dtype;

/// Most items in all containers together; the largest published file has 30 thousand.
const MAX_ITEMS: usize = 1 << 19;

/// A value; text borrows from the pickle.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    None,
    Bool,
    Int(i64),
    Float,
    Text(&'a str),
    Tuple(usize),
    /// Weights are never in a list, so what is appended to one is dropped.
    List,
    Dict(usize),
    Global(Global),
    Storage(usize),
    Tensor(usize),
}

impl Value<'_> {
    /// What it is, for messages.
    pub fn kind(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float => "a float",
            Self::Text(_) => "text",
            Self::Tuple(_) => "a tuple",
            Self::List => "a list",
            Self::Dict(_) => "a dict",
            Self::Global(_) => "a type",
            Self::Storage(_) => "a bare storage",
            Self::Tensor(_) => "a tensor",
        }
    }
}

/// A run of numbers in an entry of the zip container.
#[derive(Clone, Copy, Debug)]
pub struct Storage<'a> {
    /// Number format.
    pub dtype: Dtype,
    /// Name below `data/`.
    pub key: &'a str,
    /// Numbers in it.
    pub numel: i64,
}

/// A view of a storage.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    pub storage: Storage<'a>,
    /// Numbers of the storage before the first of the tensor.
    pub offset: i64,
    pub sizes: Vec<i64>,
    pub strides: Vec<i64>,
}

/// Everything a pickle has made. Nothing is ever freed while it runs.
#[derive(Debug, Default)]
pub struct Heap<'a> {
    tuples: Vec<Box<[Value<'a>]>>,
    dicts: Vec<Vec<(Value<'a>, Value<'a>)>>,
    storages: Vec<Storage<'a>>,
    tensors: Vec<Tensor<'a>>,
    items: usize,
}

/// The pickle makes more values than a checkpoint has.
pub struct HeapFull;

impl<'a> Heap<'a> {
    /// Accounts for values before they are kept.
    pub fn charge(&mut self, items: usize) -> Result<(), HeapFull> {
        self.items = self.items.saturating_add(items);
        if self.items > MAX_ITEMS { Err(HeapFull) } else { Ok(()) }
    }

    pub fn new_tuple(&mut self, items: &[Value<'a>]) -> Result<Value<'a>, HeapFull> {
        self.charge(1 + items.len())?;
        self.tuples.push(items.into());
        Ok(Value::Tuple(self.tuples.len() - 1))
    }

    pub fn new_dict(&mut self) -> Result<Value<'a>, HeapFull> {
        self.charge(1)?;
        self.dicts.push(Vec::new());
        Ok(Value::Dict(self.dicts.len() - 1))
    }

    pub fn new_storage(&mut self, storage: Storage<'a>) -> Result<Value<'a>, HeapFull> {
        self.charge(1)?;
        self.storages.push(storage);
        Ok(Value::Storage(self.storages.len() - 1))
    }

    pub fn new_tensor(&mut self, tensor: Tensor<'a>) -> Result<Value<'a>, HeapFull> {
        self.charge(1 + tensor.sizes.len() + tensor.strides.len())?;
        self.tensors.push(tensor);
        Ok(Value::Tensor(self.tensors.len() - 1))
    }

    /// Adds to a dict; `None` where `id` is none.
    pub fn set_item(&mut self, id: usize, key: Value<'a>, value: Value<'a>) -> Option<()> {
        self.dicts.get_mut(id)?.push((key, value));
        Some(())
    }

    pub fn tuple(&self, value: Value<'a>) -> Option<&[Value<'a>]> {
        let Value::Tuple(id) = value else { return None };
        self.tuples.get(id).map(AsRef::as_ref)
    }

    pub fn dict(&self, value: Value<'a>) -> Option<&[(Value<'a>, Value<'a>)]> {
        let Value::Dict(id) = value else { return None };
        self.dicts.get(id).map(Vec::as_slice)
    }

    pub fn storage(&self, value: Value<'a>) -> Option<Storage<'a>> {
        let Value::Storage(id) = value else { return None };
        self.storages.get(id).copied()
    }

    pub fn tensor(&self, value: Value<'a>) -> Option<&Tensor<'a>> {
        let Value::Tensor(id) = value else { return None };
        self.tensors.get(id)
    }

    /// The whole numbers of a tuple; `None` where it has anything else.
    pub fn integers(&self, value: Value<'a>) -> Option<Vec<i64>> {
        let number = |item: &Value| if let Value::Int(number) = item { Some(*number) } else { None };
        self.tuple(value)?.iter().map(number).collect()
    }
}
