use gstreamer::glib::{ParamSpec, Type, Value};
use gstreamer::prelude::*;

use crate::PipelineError;

/// Sets one property, after a check that it exists and takes the value: GObject itself would end the program.
pub(crate) fn set(element: &gstreamer::Element, property: &str, value: &toml::Value) -> Result<(), PipelineError> {
    let factory = || element.factory().map(|factory| factory.name().to_string()).unwrap_or_default();
    let Some(spec) = element.find_property(property) else {
        return Err(PipelineError::UnknownProperty { element: factory(), property: property.to_owned() });
    };
    let Some(typed) = typed(value, &spec) else {
        let property = property.to_owned();
        return Err(PipelineError::Value { element: factory(), property, value: value.to_string() });
    };
    element.set_property_from_value(property, &typed);
    Ok(())
}

/// The value in the property's own type, if it has a meaning there.
fn typed(value: &toml::Value, spec: &ParamSpec) -> Option<Value> {
    let wanted = spec.value_type();
    match value {
        // As it is: a path or an address is never read as anything but text.
        toml::Value::String(text) if wanted == Type::STRING => Some(text.to_value()),
        // An enumeration, flags or caps.
        toml::Value::String(text) => Value::deserialize(text, wanted).ok(),
        toml::Value::Boolean(yes) => (wanted == Type::BOOL).then(|| yes.to_value()),
        toml::Value::Integer(number) => integer(*number, wanted),
        _ => None,
    }
}

fn integer(number: i64, wanted: Type) -> Option<Value> {
    match wanted {
        Type::I32 => i32::try_from(number).ok().map(|number| number.to_value()),
        Type::U32 => u32::try_from(number).ok().map(|number| number.to_value()),
        Type::I64 => Some(number.to_value()),
        Type::U64 => u64::try_from(number).ok().map(|number| number.to_value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(factory: &str) -> gstreamer::Element {
        gstreamer::init().unwrap();
        gstreamer::ElementFactory::make(factory).build().unwrap()
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        let source = element("filesrc");
        let try_set = |property, value: toml::Value| set(&source, property, &value);
        assert!(try_set("blocksize", 4096.into()).is_ok());
        assert!(try_set("location", "/tmp/a ! filesink location=b".into()).is_ok());
        assert!(matches!(try_set("blocksize", (-1).into()), Err(PipelineError::Value { .. })));
        assert!(matches!(try_set("location", 1.into()), Err(PipelineError::Value { .. })));
        assert!(matches!(try_set("no-such", 1.into()), Err(PipelineError::UnknownProperty { .. })));
    }

    #[test]
    fn text_becomes_enumerations_and_caps() {
        let flip = element("videoflip");
        set(&flip, "video-direction", &"90r".into()).unwrap();
        assert!(matches!(set(&flip, "video-direction", &"sideways".into()), Err(PipelineError::Value { .. })));
        let filter = element("capsfilter");
        set(&filter, "caps", &"video/x-raw, format=RGB".into()).unwrap();
        assert!(filter.property::<gstreamer::Caps>("caps").to_string().contains("RGB"));
    }
}
