//! stub
/// m
#[derive(Clone, Debug)]
pub struct Mapping {
    /// m
    pub maps: Vec<Map>,
}
/// m
#[derive(Clone, Debug)]
pub struct Map {
    /// f
    pub from: String,
    /// t
    pub to: String,
}
