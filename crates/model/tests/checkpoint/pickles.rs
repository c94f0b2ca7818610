//! Writes pickles as `torch.save` does, and as it never would.

/// A tensor as the pickle describes it.
#[derive(Clone)]
pub struct View {
    pub class: &'static str,
    pub key: String,
    pub numel: i64,
    pub offset: i64,
    pub sizes: Vec<i64>,
    pub strides: Vec<i64>,
}

impl View {
    /// A whole storage of its own.
    pub fn whole(key: impl ToString, shape: &[usize]) -> Self {
        let sizes: Vec<i64> = shape.iter().map(|&size| size as i64).collect();
        let mut strides = vec![1; sizes.len()];
        for axis in (1..sizes.len()).rev() {
            strides[axis - 1] = strides[axis] * sizes[axis];
        }
        let numel = sizes.iter().product();
        Self { class: "FloatStorage", key: key.to_string(), numel, offset: 0, sizes, strides }
    }
}

/// Instructions one after another.
#[derive(Default)]
pub struct Pickle(pub Vec<u8>);

impl Pickle {
    pub fn new() -> Self {
        Self(vec![0x80, 2])
    }

    pub fn op(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn text(self, text: &str) -> Self {
        self.op(b"X").op(&(text.len() as u32).to_le_bytes()).op(text.as_bytes())
    }

    pub fn int(self, number: i64) -> Self {
        self.op(&[0x8a, 8]).op(&number.to_le_bytes())
    }

    pub fn global(self, module: &str, name: &str) -> Self {
        self.op(format!("c{module}\n{name}\n").as_bytes())
    }

    fn ints(self, numbers: &[i64]) -> Self {
        numbers.iter().fold(self.op(b"("), |pickle, &number| pickle.int(number)).op(b"t")
    }

    pub fn tensor(self, view: &View) -> Self {
        self.global("torch._utils", "_rebuild_tensor_v2")
            .op(b"((")
            .text("storage")
            .global("torch", view.class)
            .text(&view.key)
            .text("cpu")
            .int(view.numel)
            .op(b"tQ")
            .int(view.offset)
            .ints(&view.sizes)
            .ints(&view.strides)
            .op(b"\x89")
            .global("collections", "OrderedDict")
            .op(b")RtR")
    }

    pub fn end(self) -> Vec<u8> {
        self.op(b".").0
    }
}

/// `{'model': {name: tensor}, 'config': config}`.
pub fn state_dict(tensors: &[(String, View)], config: Option<&str>) -> Vec<u8> {
    let mut pickle = Pickle::new().op(b"}").text("model").global("collections", "OrderedDict").op(b")R(");
    for (name, view) in tensors {
        pickle = pickle.text(name).tensor(view);
    }
    pickle = pickle.op(b"us");
    if let Some(config) = config {
        pickle = pickle.text("config").text(config).op(b"s");
    }
    pickle.end()
}
