//! scratch
use std::collections::BTreeMap;
fn main() {
    let dir = std::env::args().nth(1).unwrap();
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
    match criteria::CriteriaSet::read(&dir, &files) {
        Ok(s) => {
            println!("ok {} indicators {} max {} hash {}", s.head.id, s.indicators().count(), s.maximum(), s.hash());
            let r = scoring::examples::run(&s);
            let mut ok = 0;
            for x in &r {
                match &x.failure {
                    None => ok += 1,
                    Some(t) => println!("{} {}: {}", x.example.indicator, x.example.name, t.en),
                }
            }
            println!("{ok}/{}", r.len());
        }
        Err(ps) => {
            for p in ps {
                println!("{}:{}:{}: {} | {}", p.file, p.line, p.column, p.message.vi, p.message.en)
            }
        }
    }
}
