//! scratch
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Instant;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
    let csv = std::fs::read(std::env::args().nth(2).unwrap()).unwrap();
    let mut files = BTreeMap::new();
    fn walk(base: &std::path::Path, d: &std::path::Path, f: &mut BTreeMap<String, String>) {
        for e in std::fs::read_dir(d).unwrap() {
            let p = e.unwrap().path();
            if p.is_dir() {
                walk(base, &p, f)
            } else {
                f.insert(
                    p.strip_prefix(base).unwrap().to_str().unwrap().to_owned(),
                    std::fs::read_to_string(&p).unwrap(),
                );
            }
        }
    }
    let d = std::path::PathBuf::from(&dir);
    walk(&d, &d, &mut files);
    let s = criteria::CriteriaSet::read(&dir, &files).unwrap();
    let p = scoring::Program::new(&s, &Default::default(), None).unwrap();
    let t = Instant::now();
    let rows = scoring::input::from_csv("x", &csv).unwrap();
    println!("csv {:?}", t.elapsed());
    let t = Instant::now();
    let f = scoring::figures::collect(&p, rows, Default::default()).unwrap();
    println!("collect {:?}", t.elapsed());
    let one = NonZeroUsize::MIN;
    let two = NonZeroUsize::new(2).unwrap();
    for _ in 0..5 {
        let t = Instant::now();
        let sc = scoring::score::score(&p, &f, one);
        let a = t.elapsed();
        let r = scoring::rank::rank(&p, &f, &sc);
        println!("score {:?} rank {:?} {}", a, t.elapsed() - a, r.len());
    }
    let sc = scoring::score::score(&p, &f, one);
    let t = Instant::now();
    let i = scoring::robustness::intervals(&p, &f, &sc, 1000, 1, two);
    println!("draws {:?} {:?}", t.elapsed(), i[0]);
}
