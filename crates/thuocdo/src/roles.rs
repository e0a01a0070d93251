//! The ways into the demonstration, one for each kind of person.

use criteria::Text;
use web::DemoRole;

/// The ways into the demonstration.
pub fn roles() -> Vec<DemoRole> {
    let role = |key, login: &str, name: (&str, &str), does: (&str, &str)| DemoRole {
        key,
        name: Text::new(name.0, name.1),
        does: Text::new(does.0, does.1),
        login: login.to_owned(),
    };
    vec![
        role(
            "official",
            "vh-xh@m1-001.mau.example",
            ("Công chức Văn hóa – Xã hội, Xã Hòa Bình", "Culture and society official, Hòa Bình commune"),
            ("Nhập số liệu và tài liệu của các chỉ số được giao", "Fills in the indicators that are assigned"),
        ),
        role(
            "focal",
            "vp-tk@m1-001.mau.example",
            ("Đầu mối chuyển đổi số, Xã Hòa Bình", "Focal point, Hòa Bình commune"),
            ("Phân công, đôn đốc, rà soát, trả lại", "Assigns, chases, reviews, sends back"),
        ),
        role(
            "head",
            "ct@m1-001.mau.example",
            ("Chủ tịch UBND, Xã Hòa Bình", "Head of Hòa Bình commune"),
            ("Kiểm tra lần cuối và ký nộp phiếu", "Checks and signs off the sheet"),
        ),
        role(
            "department",
            "vp-tk@m0-10.mau.example",
            ("Đầu mối, Sở Thông tin và Truyền thông", "Focal point of a department"),
            ("Phiếu của một sở, theo bộ chỉ số 500 điểm", "A department's sheet, by the set of 500 points"),
        ),
        role(
            "appraiser",
            "td@m0-10.mau.example",
            ("Người thẩm định, Sở Thông tin và Truyền thông", "Appraiser of the agency"),
            ("Hàng thẩm định của cơ quan, sau khi các đơn vị nộp", "The agency's queue, once units have submitted"),
        ),
        role(
            "appraiser-police",
            "td@m0-22.mau.example",
            ("Người thẩm định, Công an tỉnh", "Appraiser of another agency, the police"),
            ("Chỉ các chỉ số an toàn thông tin mạng", "Only the criteria of network security"),
        ),
        role(
            "owner",
            "bcd@m00.mau.example",
            ("Văn phòng Ban Chỉ đạo, chủ kỳ đánh giá", "Round owner, the steering committee's office"),
            ("Theo dõi tiến độ 162 đơn vị, gia hạn, chốt cách hiểu", "Watches 162 units, extends, decides readings"),
        ),
        role(
            "leader",
            "ld@m00.mau.example",
            ("Lãnh đạo tỉnh", "Leader of the province"),
            ("Xem toàn tỉnh đang ở đâu", "Sees where the province stands"),
        ),
        role(
            "admin",
            "qt@m00.mau.example",
            ("Quản trị hệ thống", "Administrator"),
            ("Đơn vị, chức danh, lời mời", "Units, positions, invitations"),
        ),
        role(
            "auditor",
            "kt@m00.mau.example",
            ("Kiểm toán hệ thống", "Auditor"),
            ("Đọc nhật ký gắn mã băm", "Reads the hash-chained log"),
        ),
    ]
}
