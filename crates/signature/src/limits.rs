//! Every limit on what comes from outside, with its unit in the name.

/// The largest file that is checked.
pub const FILE_BYTES_MAX: usize = 512 * 1024 * 1024;
/// The largest CMS structure, in bytes, that a PDF may carry in /Contents.
pub const CONTENTS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many signatures of one file are checked; the rest are counted and named.
pub const SIGNATURES_MAX: usize = 64;
/// How many signers one CMS structure may have.
pub const SIGNERS_MAX: usize = 16;
/// How many certificates of one file take part in building a path.
pub const CERTIFICATES_MAX: usize = 256;
/// How many revocation lists and answers of one file are looked at.
pub const REVOCATIONS_MAX: usize = 256;
/// How deep ASN.1 values may nest.
pub const ASN1_DEPTH_MAX: usize = 48;
/// How deep form fields may nest.
pub const FIELD_DEPTH_MAX: usize = 32;
/// How many form fields of one file are looked at.
pub const FIELDS_MAX: usize = 20_000;
/// How many sections the cross-reference of one file may have.
pub const TABLES_MAX: usize = 256;
/// How many values are compared between the signed revisions of one file and the whole of it.
pub const COMPARED_VALUES_MAX: usize = 20_000_000;
/// How many bytes a stream of the store for later checking (DSS) may hold once it is unpacked.
pub const STORED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many bytes all of them may hold together.
pub const STORED_BYTES_ALL_MAX: usize = 64 * 1024 * 1024;
/// How deep a PDF value may nest without an indirect reference.
pub const VALUE_DEPTH_MAX: usize = 64;
/// How many trust anchors one request may name.
pub const ANCHORS_MAX: usize = 1_000;
/// How long a name read from a certificate may be, in characters; longer ones are cut.
pub const NAME_CHARS_MAX: usize = 200;
/// How many bytes of white space or zeros may follow the last byte of a signed file: some disks and scanners fill up blocks.
pub const TRAILING_WHITESPACE_BYTES_MAX: usize = 65_536;
/// How many places one certificate may name that know whether it was revoked; the rest are left aside.
pub const PLACES_MAX: usize = 4;
/// How long the address of such a place may be.
pub const ADDRESS_BYTES_MAX: usize = 1_024;
/// How many bytes a responder's answer, or a list, may have that is fetched.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// How many bytes all of them may have together for one file.
pub const ANSWERS_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How often somebody is asked for one file.
pub const ASKED_MAX: usize = 8;
