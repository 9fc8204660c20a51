//! scratch
fn main() {
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    println!("{:?}", helm::yaml::parse(&text).map_err(|e| e.to_string()));
}
