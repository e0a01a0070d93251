//! The answer: for each signature and for the file, after ETSI EN 319 102-1.

use criteria::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::online::{Asked, Wish};

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// TOTAL-PASSED: everything holds.
    Valid,
    /// INDETERMINATE: not shown to be wrong, and not proved.
    Indeterminate,
    /// TOTAL-FAILED: shown to be wrong.
    Invalid,
    /// No signature (a file only).
    Unsigned,
}

/// Why a verdict is not "valid": the sub-indications of EN 319 102-1, table 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// The signature or file is not built as the standard says.
    FormatFailure,
    /// The signed content was changed.
    HashFailure,
    /// The signature value does not fit.
    SigCryptoFailure,
    /// It was made after the certificate was revoked, and that is proved.
    Revoked,
    /// It was made after the certificate had run out, and that is proved.
    Expired,
    /// It was made before the certificate became valid.
    NotYetValid,
    /// What the signature needs in its attributes is missing.
    SigConstraintsFailure,
    /// A certificate on the path may not do what it does.
    ChainConstraintsFailure,
    /// The path could not be checked.
    CertificateChainGeneralFailure,
    /// An algorithm or key is too weak or not known here.
    CryptoConstraintsFailure,
    /// An algorithm is too weak now, and nothing proves that the signature is older.
    CryptoConstraintsFailureNoPoe,
    /// The signer's certificate is not there.
    NoSigningCertificateFound,
    /// No path leads to a trust anchor.
    NoCertificateChainFound,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// A certificate above it is revoked.
    RevokedCaNoPoe,
    /// The certificate has run out (or is not valid yet), and nothing proves when the signature was made.
    OutOfBoundsNoPoe,
    /// Revocation could not be checked, and the policy asks for it.
    TryLater,
    /// What was signed is not at hand.
    SignedDataNotFound,
    /// A signature of a kind that is not checked here.
    #[serde(rename = "GENERIC")]
    Generic,
}

/// Something that a later revision of the file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A further signature.
    Signature,
    /// A document timestamp.
    DocumentTimestamp,
    /// Material for checking later (DSS).
    ValidationData,
    /// Metadata such as the date of change.
    Metadata,
    /// A form was filled in.
    FormFilled,
    /// Annotations were added or changed.
    Annotations,
    /// What the reader sees, or may see, was changed.
    Content,
    /// Bytes that are no revision of a PDF.
    UnknownBytes,
}

/// What a certifying signature (DocMDP) allows to be changed afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certification {
    /// Nothing.
    NoChanges,
    /// Filling in forms and signing.
    FormsAndSignatures,
    /// Also annotations.
    AnnotationsToo,
}

/// What kind of thing a signature is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Someone's signature.
    Signature,
    /// A timestamp on the document: it proves a time, nobody's will.
    DocumentTimestamp,
    /// Something signed that is not checked here.
    NotChecked,
}

/// Whether the signer's certificate was revoked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Revocation {
    /// Evidence in the file, or fetched, says that it was not.
    Good,
    /// Such evidence says that it was.
    Revoked,
    /// There is no evidence that counts.
    #[default]
    Unknown,
}

/// What was found about one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureReport {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not "valid".
    pub sub_indication: Option<SubIndication>,
    /// The same in one or two sentences.
    pub message: Text,
    /// What kind of thing it is.
    pub kind: Kind,
    /// The form field's name, or the kind of container.
    pub field: Option<String>,
    /// The format as the file names it, such as `ETSI.CAdES.detached`.
    pub format: Option<String>,
    /// The level reached, such as `PAdES-B-LT`.
    pub level: Option<String>,
    /// Digest and scheme, such as `ECDSA SHA-256`.
    pub algorithm: Option<String>,
    /// Who signed.
    pub signer: Option<String>,
    /// For which organisation.
    pub organisation: Option<String>,
    /// The units within it.
    pub units: Vec<String>,
    /// In which position (chức vụ).
    pub position: Option<String>,
    /// The signer's e-mail address.
    pub email: Option<String>,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// The certificate's serial number.
    pub serial: Option<String>,
    /// From when the certificate is valid.
    pub not_before: Option<Timestamp>,
    /// Until when the certificate is valid.
    pub not_after: Option<Timestamp>,
    /// The time that the signer claims; it proves nothing.
    pub claimed_time: Option<Timestamp>,
    /// The time at which a trusted authority saw the signature.
    pub proven_time: Option<Timestamp>,
    /// Whether the certificate was revoked.
    pub revocation: Revocation,
    /// What the certifying signature allows afterwards.
    pub certification: Option<Certification>,
    /// Whether the signature covers the file to its end.
    pub covers_whole_file: bool,
    /// What was done to the file afterwards.
    pub changes_after: Vec<Change>,
    /// Who outside the file was asked about revocation, when, and what they told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub online: Vec<Asked>,
    /// Who else could be asked, where that is left open. It is no finding, and not written down.
    #[serde(skip)]
    pub wishes: Vec<Wish>,
}

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// A CMS signature beside or around its content.
    Cms,
    /// XML.
    Xml,
    /// A word processor's, spreadsheet's or presentation's package.
    OfficePackage,
    /// Anything else.
    Other,
}

/// What was found about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What kind of file it is.
    pub kind: FileKind,
    /// The worst that was found about a signature, or `Unsigned`.
    pub verdict: Verdict,
    /// Why it is not "valid".
    pub sub_indication: Option<SubIndication>,
    /// The same in one or two sentences.
    pub message: Text,
    /// Each signature, in the order of the file.
    pub signatures: Vec<SignatureReport>,
}

impl SignatureReport {
    /// A report about which nothing but the verdict is known.
    pub(crate) fn bare(verdict: Verdict, sub_indication: Option<SubIndication>, message: Text, kind: Kind) -> Self {
        Self {
            verdict,
            sub_indication,
            message,
            kind,
            field: None,
            format: None,
            level: None,
            algorithm: None,
            signer: None,
            organisation: None,
            units: Vec::new(),
            position: None,
            email: None,
            issuer: None,
            serial: None,
            not_before: None,
            not_after: None,
            claimed_time: None,
            proven_time: None,
            revocation: Revocation::Unknown,
            certification: None,
            covers_whole_file: false,
            changes_after: Vec::new(),
            online: Vec::new(),
            wishes: Vec::new(),
        }
    }
}

impl Report {
    /// Who outside the file could be asked about what it leaves open, each once.
    pub fn wishes(&self) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = Vec::new();
        for wish in self.signatures.iter().flat_map(|one| &one.wishes) {
            if !wishes.contains(wish) {
                wishes.push(wish.clone());
            }
        }
        wishes
    }

    /// A report about a file in which no signature was checked.
    pub(crate) fn bare(kind: FileKind, verdict: Verdict, sub_indication: Option<SubIndication>, message: Text) -> Self {
        Self { kind, verdict, sub_indication, message, signatures: Vec::new() }
    }
}
