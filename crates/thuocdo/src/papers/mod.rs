//! The demonstration's documents: real signatures by made-up people, so that a visitor sees every verdict. The keys are
//! made with the province and thrown away; only the root's certificate stays, as the one to trust.

mod der;
mod page;
mod signing;

use jiff::Timestamp;

use crate::failure::Failure;
use crate::province::broken;
use signing::{Authority, Signer};

/// Who signs a document, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Signed, with a timestamp.
    Stamped,
    /// Signed; the time is only claimed.
    Claimed,
    /// Signed with a certificate of an authority that nobody trusts.
    Untrusted,
    /// Changed after it was signed.
    Altered,
}

/// A document to make.
#[derive(Clone, Debug)]
pub struct Paper<'a> {
    /// The unit's name.
    pub unit: &'a str,
    /// Number and sign.
    pub number: &'a str,
    /// When it is signed.
    pub at: Timestamp,
    /// The kind of document, in capitals.
    pub kind: &'a str,
    /// What it is about.
    pub about: &'a str,
    /// The signer's name.
    pub signer: &'a str,
    /// The signer's position.
    pub position: &'a str,
    /// How it is made.
    pub made: Made,
}

/// Made-up authorities: one that the demonstration trusts, with its timestamps, and one that nobody trusts.
pub struct Office {
    trusted: Authority,
    stranger: Authority,
    stamps: Signer,
}

impl Office {
    /// Makes the authorities.
    pub fn open() -> Result<Self, Failure> {
        let trusted = Authority::new("Gốc chứng thực MẪU của bản trình diễn (bịa đặt)").ok_or_else(broken)?;
        let stranger = Authority::new("Nơi cấp chứng thư không ai tin (bịa đặt)").ok_or_else(broken)?;
        let stamps = trusted.stamper("Máy cấp dấu thời gian MẪU (bịa đặt)").ok_or_else(broken)?;
        Ok(Self { trusted, stranger, stamps })
    }

    /// The certificate to trust, as PEM.
    pub fn root(&self) -> String {
        self.trusted.pem()
    }

    /// Makes a document.
    pub fn paper(&self, paper: &Paper<'_>) -> Result<Vec<u8>, Failure> {
        let authority = if paper.made == Made::Untrusted { &self.stranger } else { &self.trusted };
        let signer =
            authority.signer(paper.signer, paper.position, &format!("UBND {}", paper.unit)).ok_or_else(broken)?;
        let stamps = (paper.made != Made::Claimed).then_some(&self.stamps);
        let mut pdf = page::signed(paper, |bytes| signer.sign(bytes, paper.at, stamps)).ok_or_else(broken)?;
        if paper.made == Made::Altered {
            page::alter(&mut pdf, paper);
        }
        Ok(pdf)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use signature::{Anchors, Policy, Request, Verdict};

    use super::*;

    #[test]
    fn each_way_of_making_gets_its_verdict_and_the_text_is_read() {
        let office = Office::open().unwrap();
        let mut anchors = Anchors::none();
        assert_eq!(anchors.add(office.root().as_bytes()), 1);
        let policy = Policy::default();
        let at: Timestamp = "2023-03-15T02:00:00Z".parse().unwrap();
        let now = "2023-10-20T02:00:00Z".parse().unwrap();
        let cases = [
            (Made::Stamped, Verdict::Valid, Some(at)),
            (Made::Claimed, Verdict::Valid, None),
            (Made::Untrusted, Verdict::Indeterminate, Some(at)),
            (Made::Altered, Verdict::Invalid, Some(at)),
        ];
        for (made, verdict, proven) in cases {
            let pdf = office
                .paper(&Paper {
                    unit: "Xã Hòa Bình",
                    number: "12/QĐ-UBND",
                    at,
                    kind: "QUYẾT ĐỊNH",
                    about: "thành lập Ban Chỉ đạo chuyển đổi số Xã Hòa Bình",
                    signer: "Nguyễn Bình Mẫu",
                    position: "Chủ tịch UBND",
                    made,
                })
                .unwrap();
            let report =
                signature::check(&pdf, None, &Request { now, anchors: &anchors, policy: &policy, fetched: &[] });
            assert_eq!((report.verdict, report.signatures[0].proven_time), (verdict, proven), "{made:?} {report:#?}");
            assert_eq!(report.signatures[0].signer.as_deref(), Some("Nguyễn Bình Mẫu"));
            assert_eq!(report.signatures[0].position.as_deref(), Some("Chủ tịch UBND"));
            let facts = documents::facts::read(&documents::pdf_text::read(&pdf));
            assert_eq!(facts.number.as_deref(), Some("12/QĐ-UBND"), "{made:?}");
            assert_eq!(facts.day.map(|day| day.to_string()).as_deref(), Some("2023-03-15"));
            assert_eq!(facts.issuer.as_deref(), Some("ỦY BAN NHÂN DÂN XÃ HÒA BÌNH"));
            assert_eq!(facts.about.as_deref(), Some("thành lập Ban Chỉ đạo chuyển đổi số Xã Hòa Bình"));
        }
    }
}
