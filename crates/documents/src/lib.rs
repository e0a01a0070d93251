//! stub
#[allow(missing_docs)]
pub mod workbook {
    pub fn read(_: &scoring::Program, _: &str, _: &[u8]) -> Result<Vec<scoring::RawFigure>, Vec<scoring::Refusal>> {
        Ok(vec![])
    }
    pub fn template(
        _: &scoring::Program,
        _: &[String],
        _: Option<&scoring::Figures>,
        _: criteria::Language,
    ) -> Result<Vec<u8>, String> {
        Ok(vec![])
    }
    pub fn set_sheets(_: &criteria::CriteriaSet, _: criteria::Language) -> Result<Vec<u8>, String> {
        Ok(vec![])
    }
}
