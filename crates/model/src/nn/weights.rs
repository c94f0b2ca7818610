use burn_tensor::{DType, Tensor, TensorData};

use crate::checkpoint::{Checkpoint, HostTensor};
use crate::{Kernels, ModelError};

/// Where parameters come from: a verified checkpoint, or a test's fixture.
pub trait TensorSource {
    /// The parameter of that name.
    ///
    /// # Errors
    /// [`ModelError::NoTensor`] where there is none.
    fn tensor(&self, name: &str) -> Result<&HostTensor, ModelError>;
}

impl TensorSource for Checkpoint {
    fn tensor(&self, name: &str) -> Result<&HostTensor, ModelError> {
        Self::tensor(self, name)
    }
}

/// A place in the tree of modules: where its parameters come from and the device they go to.
pub struct Weights<'a, B: Kernels> {
    source: &'a dyn TensorSource,
    device: &'a B::Device,
    prefix: String,
    factors: DType,
}

impl<'a, B: Kernels> Weights<'a, B> {
    /// The root of the tree.
    pub fn new(source: &'a dyn TensorSource, device: &'a B::Device) -> Self {
        Self { source, device, prefix: String::new(), factors: DType::F32 }
    }

    /// The same place, with weights of layers kept as `factors`.
    pub(crate) fn with_factors(self, factors: DType) -> Self {
        Self { factors, ..self }
    }

    /// The type of tensors that are only multiplied.
    pub(crate) fn operand(&self) -> DType {
        if B::HALF { self.factors } else { DType::F32 }
    }

    /// The module called `name` below this one.
    pub(crate) fn child(&self, name: impl std::fmt::Display) -> Self {
        Self {
            source: self.source,
            device: self.device,
            prefix: format!("{}{name}.", self.prefix),
            factors: self.factors,
        }
    }

    pub(crate) fn device(&self) -> &'a B::Device {
        self.device
    }

    /// The values of a parameter, after a check of its shape.
    pub(crate) fn host(&self, name: &str, shape: &[usize]) -> Result<&'a [f32], ModelError> {
        let full = format!("{}{name}", self.prefix);
        let tensor = self.source.tensor(&full)?;
        if tensor.shape != shape {
            return Err(ModelError::TensorShape { name: full, expected: shape.to_vec(), found: tensor.shape.clone() });
        }
        Ok(&tensor.data)
    }

    /// A parameter on the device, in the layout of the checkpoint.
    pub(crate) fn tensor<const D: usize>(&self, name: &str, shape: [usize; D]) -> Result<Tensor<B, D>, ModelError> {
        Ok(self.upload(self.host(name, &shape)?.to_vec(), shape))
    }

    /// Values that were worked out on the host.
    pub(crate) fn upload<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<B, D> {
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }

    /// The same for the weight of a layer.
    pub(crate) fn upload_weight<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Tensor<B, D> {
        self.upload_as(values, shape, self.factors)
    }

    /// The same in a given type.
    pub(crate) fn upload_as<const D: usize>(&self, values: Vec<f32>, shape: [usize; D], dtype: DType) -> Tensor<B, D> {
        let data = TensorData::new(values, shape).convert_dtype(dtype);
        Tensor::from_data(data, (self.device, dtype))
    }
}
