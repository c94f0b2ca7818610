use gstreamer::glib::{ParamSpec, Type, Value};
use gstreamer::prelude::*;

use super::DescriptionError;

/// Sets a property after a check that it exists and takes the value: GObject itself would end the program.
pub(super) fn set(element: &gstreamer::Element, name: &str, value: &toml::Value) -> Result<(), DescriptionError> {
    let typed = element.find_property(name).and_then(|spec| typed(value, &spec));
    let Some(typed) = typed else {
        return Err(DescriptionError::Property {
            element: element.factory().map(|factory| factory.name().to_string()).unwrap_or_default(),
            property: name.to_owned(),
            value: value.to_string(),
        });
    };
    element.set_property_from_value(name, &typed);
    Ok(())
}

/// The value in the property's own type, if it has a meaning there.
fn typed(value: &toml::Value, spec: &ParamSpec) -> Option<Value> {
    let wanted = spec.value_type();
    match value {
        // Paths are taken as they are and never read as anything but text.
        toml::Value::String(text) if wanted == Type::STRING => Some(text.to_value()),
        toml::Value::String(text) => Value::deserialize(text, wanted).ok(),
        toml::Value::Boolean(yes) if wanted == Type::BOOL => Some(yes.to_value()),
        toml::Value::Integer(number) => integer(*number, wanted),
        _ => None,
    }
}

fn integer(number: i64, wanted: Type) -> Option<Value> {
    match wanted {
        Type::I32 => i32::try_from(number).ok().map(|number| number.to_value()),
        Type::U32 => u32::try_from(number).ok().map(|number| number.to_value()),
        Type::U64 => u64::try_from(number).ok().map(|number| number.to_value()),
        _ => None,
    }
}
