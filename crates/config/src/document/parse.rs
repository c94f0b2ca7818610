use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Data, Lines, Node, Table};
use crate::finding::Place;
use crate::schema::Kind;

/// Reads a document. What is not TOML is returned beside what could be read.
pub(crate) fn document(text: &str) -> (Table, Vec<(Place, String)>) {
    let lines = Lines::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    let faults = errors.iter().map(|error| {
        let place = error.span().map_or(Place::Document, |span| lines.place(span.start));
        (place, error.message().to_owned())
    });
    let faults = faults.collect();
    let at = |span: std::ops::Range<usize>| lines.place(span.start);
    (read_table(table.into_inner(), &at), faults)
}

/// Reads the text of an environment variable as a value for a key of that kind; a bare text stands for itself.
pub(crate) fn variable(text: &str, kind: &Kind, place: &Place) -> Node {
    let bare = || Node { place: place.clone(), data: Data::Text(text.to_owned()) };
    match DeValue::parse(text.trim()) {
        Ok(value) if !kind.is_text() || value.get_ref().is_str() => read(value, &|_| place.clone()),
        _ => bare(),
    }
}

fn read_table(table: DeTable<'_>, at: &dyn Fn(std::ops::Range<usize>) -> Place) -> Table {
    let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let place = at(key.span());
        let key: std::borrow::Cow<'_, str> = key.into_inner();
        (key.into_owned(), (place, read(value, at)))
    };
    table.into_iter().map(entry).collect()
}

fn read(value: Spanned<DeValue<'_>>, at: &dyn Fn(std::ops::Range<usize>) -> Place) -> Node {
    let place = at(value.span());
    let data = match value.into_inner() {
        DeValue::String(text) => Data::Text(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Data::Integer(number),
            Err(_) => Data::Other(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Data::Number(number),
            Err(_) => Data::Other(number.to_string()),
        },
        DeValue::Boolean(value) => Data::Bool(value),
        DeValue::Datetime(time) => Data::Other(time.to_string()),
        DeValue::Array(items) => Data::List(items.into_iter().map(|item| read(item, at)).collect()),
        DeValue::Table(table) => Data::Table(read_table(table, at)),
    };
    Node { place, data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ROOT;

    #[test]
    fn values_know_their_places() {
        let (table, faults) = document("[http]\nlisten = \"x\"\n[[stream]]\nmax_pixels = 1_000\nframe = 0x10\n");
        assert!(faults.is_empty());
        let Data::Table(http) = &table["http"].1.data else { panic!() };
        assert_eq!(http["listen"].0, Place::File { line: 2, column: 1 });
        assert_eq!(http["listen"].1.place, Place::File { line: 2, column: 10 });
        let Data::List(streams) = &table["stream"].1.data else { panic!() };
        assert_eq!(streams[0].place, Place::File { line: 3, column: 1 });
        let Data::Table(stream) = &streams[0].data else { panic!() };
        assert!(matches!(stream["max_pixels"].1.data, Data::Integer(1000)));
        assert!(matches!(stream["frame"].1.data, Data::Integer(16)));
    }

    #[test]
    fn every_fault_of_the_syntax_is_found() {
        let (_, faults) = document("a = \nb = 1\nc = ]\nb = 2\n");
        let lines: Vec<_> = faults.iter().map(|(place, _)| place.clone()).collect();
        assert!(lines.len() >= 3, "{faults:?}");
    }

    #[test]
    fn texts_of_variables_need_no_quotes() {
        let place = Place::Variable("X".into());
        let key = |section: &str, name: &str| {
            let section = ROOT.sections.iter().find(|known| known.name == section).unwrap();
            section.keys.iter().find(|key| key.name == name).unwrap().kind
        };
        let read = |text: &str, kind: Kind| variable(text, &kind, &place).describe();
        assert_eq!(read("2024", key("model", "checkpoint")), "\"2024\"");
        assert_eq!(read("\"nano\"", key("model", "checkpoint")), "\"nano\"");
        assert_eq!(read("2", key("model", "threads")), "2");
        assert_eq!(read("two", key("model", "threads")), "\"two\"");
        assert_eq!(read(" true ", key("http", "enabled")), "true");
        assert_eq!(read("1\nx = 2", key("model", "threads")), "\"1\\nx = 2\"");
    }
}
