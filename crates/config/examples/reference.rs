//! Prints `configs/reference.toml`.

fn main() {
    print!("{}", maskd_config::reference());
}
