//! `maskd models`: the names that `--checkpoint` knows.

use std::io::{Write, stdout};
use std::path::PathBuf;

use maskd_hub::OfficialModel;
use maskd_model::checkpoint::Checkpoint;
use serde::Serialize;

use crate::checkpoint::BUILT_IN;
use crate::cli::ModelsArgs;
use crate::exit::{Code, Failure};

/// A model that `--checkpoint` knows by name.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    /// Length of the file; none of the built-in model, which has none.
    bytes: Option<u64>,
    licence: &'static str,
    source: String,
    sha256: String,
    /// Whether it can be used without `maskd fetch`.
    on_disk: bool,
    /// Where it is.
    path: Option<PathBuf>,
}

impl Row {
    fn built_in() -> Result<Self, Failure> {
        Ok(Self {
            name: BUILT_IN,
            bytes: None,
            licence: env!("CARGO_PKG_LICENSE"),
            source: "part of maskd".into(),
            sha256: Checkpoint::builtin()?.sha256,
            on_disk: true,
            path: None,
        })
    }

    fn official(model: &OfficialModel) -> Self {
        let path = maskd_hub::on_disk(model);
        Self {
            name: model.name,
            bytes: Some(model.bytes),
            licence: model.licence,
            source: model.url(None),
            sha256: model.sha256.into(),
            on_disk: path.is_some(),
            path,
        }
    }

    /// Hashes and addresses in full, for comparing and copying.
    fn line(&self) -> String {
        let size = self.bytes.map_or("-".into(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6));
        let on_disk = match (&self.path, self.on_disk) {
            (None, true) => "built in",
            (_, true) => "yes",
            (_, false) => "no",
        };
        columns([self.name, &size, self.licence, on_disk, &self.sha256, &self.source])
    }
}

/// Runs the command.
///
/// # Errors
/// None in a program that passed its tests.
pub fn run(arguments: &ModelsArgs) -> Result<(), Failure> {
    let mut rows = vec![Row::built_in()?];
    rows.extend(maskd_hub::MODELS.iter().map(Row::official));
    let text = if arguments.json {
        serde_json::to_string_pretty(&rows).map_err(|error| Failure::new(Code::RunTime, error, "leave out --json"))?
    } else {
        table(&rows)
    };
    // A reader that has gone needs no table.
    let _ = writeln!(stdout().lock(), "{text}");
    Ok(())
}

fn table(rows: &[Row]) -> String {
    let head = columns(["NAME", "SIZE", "LICENCE", "ON DISK", "SHA-256", "SOURCE"]);
    let lines: Vec<String> = std::iter::once(head).chain(rows.iter().map(Row::line)).collect();
    lines.join("\n")
}

fn columns([name, size, licence, on_disk, sha256, source]: [&str; 6]) -> String {
    format!("{name:<17} {size:>9}  {licence:<18} {on_disk:<8}  {sha256:<64}  {source}")
}
