//! The page is in the program: a file that joins it makes the program a new one.

fn main() {
    println!("cargo::rerun-if-changed=page");
}
