use gstreamer::glib::{self, Type, Value, prelude::*};
use gstreamer::prelude::*;

use super::DescriptionError;

/// Sets one property, after a check that it exists and takes the value: GObject itself would end the program.
pub(super) fn set(
    element: &gstreamer::Element,
    factory: &str,
    property: &str,
    value: &toml::Value,
) -> Result<(), DescriptionError> {
    let Some(spec) = element.find_property(property) else {
        let (element, property) = (factory.to_owned(), property.to_owned());
        return Err(DescriptionError::UnknownProperty { element, property });
    };
    let Some(value) = typed(value, &spec) else {
        let (element, property) = (factory.to_owned(), property.to_owned());
        return Err(DescriptionError::Value { element, property, value: value.to_string() });
    };
    element.set_property_from_value(property, &value);
    Ok(())
}

/// The value in the property's own type, if it has a meaning there.
fn typed(value: &toml::Value, spec: &glib::ParamSpec) -> Option<Value> {
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

    fn try_set(property: &str, value: impl Into<toml::Value>) -> Result<(), DescriptionError> {
        gstreamer::init().unwrap();
        let element = gstreamer::ElementFactory::make("filesrc").build().unwrap();
        set(&element, "filesrc", property, &value.into())
    }

    #[test]
    fn values_that_do_not_fit_are_refused() {
        assert!(try_set("blocksize", 4096).is_ok());
        assert!(try_set("location", "/tmp/a ! filesink location=b").is_ok());
        assert!(matches!(try_set("blocksize", -1), Err(DescriptionError::Value { .. })));
        assert!(matches!(try_set("location", 1), Err(DescriptionError::Value { .. })));
        assert!(matches!(try_set("no-such", 1), Err(DescriptionError::UnknownProperty { .. })));
    }

    #[test]
    fn text_becomes_enumerations_and_caps() {
        gstreamer::init().unwrap();
        let flip = gstreamer::ElementFactory::make("videoflip").build().unwrap();
        set(&flip, "videoflip", "video-direction", &"90r".into()).unwrap();
        assert!(matches!(
            set(&flip, "videoflip", "video-direction", &"sideways".into()),
            Err(DescriptionError::Value { .. })
        ));
        let filter = gstreamer::ElementFactory::make("capsfilter").build().unwrap();
        set(&filter, "capsfilter", "caps", &"video/x-raw, format=RGB".into()).unwrap();
        assert!(filter.property::<gstreamer::Caps>("caps").to_string().contains("RGB"));
    }
}
