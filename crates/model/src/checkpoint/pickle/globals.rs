//! The only names a pickle may use, and what becomes of a call of each.

use super::value::{Heap, HeapFull, Storage, Tensor, Value};
use crate::checkpoint::dtype::Dtype;

/// Most sizes and strides that are kept of a tensor.
const MAX_RANK: usize = 32;

/// A name that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// `collections.OrderedDict`: a dict.
    OrderedDict,
    /// `torch._utils._rebuild_tensor`: a view of a storage.
    RebuildTensor,
    /// `torch._utils._rebuild_tensor_v2`: the same with two more values that weights have no use for.
    RebuildTensorV2,
    /// `torch._utils._rebuild_parameter`: its tensor.
    RebuildParameter,
    /// `torch.Size`: its tuple.
    Size,
    /// `torch.FloatStorage` and the like: a number format, never called.
    Storage(Dtype),
}

impl Global {
    /// The global of this module and name, if it is allowed.
    pub fn find(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor") => Some(Self::RebuildTensor),
            ("torch._utils", "_rebuild_tensor_v2") => Some(Self::RebuildTensorV2),
            ("torch._utils", "_rebuild_parameter") => Some(Self::RebuildParameter),
            ("torch", "Size") => Some(Self::Size),
            ("torch", storage) => storage_dtype(storage).map(Self::Storage),
            _ => None,
        }
    }

    /// What a call makes; `None` where the arguments are not those that `torch.save` writes.
    pub fn call<'a>(self, arguments: Value<'a>, heap: &mut Heap<'a>) -> Result<Option<Value<'a>>, HeapFull> {
        let Some(given) = heap.tuple(arguments) else { return Ok(None) };
        match (self, given) {
            (Self::OrderedDict, []) => heap.new_dict().map(Some),
            (Self::RebuildTensor, &[storage, offset, sizes, strides])
            | (
                Self::RebuildTensorV2,
                &[storage, offset, sizes, strides, _, _] | &[storage, offset, sizes, strides, _, _, _],
            ) => view(heap, storage, offset, sizes, strides).map(|tensor| heap.new_tensor(tensor)).transpose(),
            (Self::RebuildParameter, &[tensor @ Value::Tensor(_), _, _]) => Ok(Some(tensor)),
            (Self::Size, &[sizes @ Value::Tuple(_)]) => Ok(Some(sizes)),
            _ => Ok(None),
        }
    }
}

fn view<'a>(
    heap: &Heap<'a>,
    storage: Value<'a>,
    offset: Value<'a>,
    sizes: Value<'a>,
    strides: Value<'a>,
) -> Option<Tensor<'a>> {
    let Value::Int(offset) = offset else { return None };
    let (storage, sizes, strides) = (heap.storage(storage)?, heap.integers(sizes)?, heap.integers(strides)?);
    let plain = sizes.len() == strides.len() && sizes.len() <= MAX_RANK;
    plain.then_some(Tensor { storage, offset, sizes, strides })
}

/// What a persistent id stands for: `('storage', type, key, device, numel)`.
pub fn persistent<'a>(id: Value<'a>, heap: &Heap<'a>) -> Option<Storage<'a>> {
    match *heap.tuple(id)? {
        [Value::Text("storage"), Value::Global(Global::Storage(dtype)), Value::Text(key), _, Value::Int(numel)] => {
            Some(Storage { dtype, key, numel })
        }
        _ => None,
    }
}

fn storage_dtype(name: &str) -> Option<Dtype> {
    Some(match name {
        "FloatStorage" => Dtype::F32,
        "HalfStorage" => Dtype::F16,
        "BFloat16Storage" => Dtype::Bf16,
        "DoubleStorage" => Dtype::other("float64", 8),
        "LongStorage" => Dtype::other("a 64-bit integer", 8),
        "IntStorage" => Dtype::other("a 32-bit integer", 4),
        "ShortStorage" => Dtype::other("a 16-bit integer", 2),
        "CharStorage" | "ByteStorage" => Dtype::other("an 8-bit integer", 1),
        "BoolStorage" => Dtype::other("bool", 1),
        _ => return None,
    })
}
