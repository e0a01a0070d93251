//! The facts and tables that each kind of paper offers to its form, with what they mean.

use crate::paper::form::{Names, Offer};

pub(super) const ASSIGNMENT: Offer = Offer {
    facts: &[
        ("đơn vị", "đơn vị được giao"),
        ("đơn vị ngắn", "đơn vị, viết tắt UBND"),
        ("cơ quan ngắn", "cơ quan ban hành, viết tắt UBND"),
        ("căn cứ bộ chỉ số", "văn bản ban hành bộ chỉ số"),
        ("bộ chỉ số", "tên bộ chỉ số"),
        ("loại", "Công văn, Kế hoạch …"),
        ("đầu mối", "chức danh làm đầu mối tổng hợp"),
    ],
    tables: &[("phân công", DUTIES)],
    drawings: &[],
};

const DUTIES: Names = &[
    ("số", "số thứ tự"),
    ("mã", "mã chỉ số"),
    ("tiêu chí", "tên tiêu chí"),
    ("điểm tối đa", "điểm tối đa"),
    ("hướng dẫn", "nội dung thực hiện"),
    ("cách tính", "cách xác định và tính điểm"),
    ("tài liệu", "tài liệu kiểm chứng"),
    ("tài liệu, ghi chú", "tài liệu kiểm chứng, và ghi chú khi có"),
    ("nguồn", "nguồn cung cấp dữ liệu"),
    ("người thực hiện", "chủ trì và phối hợp như văn bản in"),
    ("chủ trì", "chức danh chủ trì"),
    ("phối hợp", "chức danh phối hợp"),
    ("thời gian", "thời gian hoàn thành"),
    ("ghi chú", "ghi chú"),
];

pub(super) const SET: Offer = Offer {
    facts: &[
        ("phụ lục", "số của phụ lục"),
        ("bộ chỉ số", "tên bộ chỉ số, chữ in hoa"),
        ("kèm theo", "văn bản ban hành"),
        ("tổng điểm", "tổng điểm"),
    ],
    tables: &[
        ("thông tin chung", &[("số", "số thứ tự"), ("tên", "tên thông tin"), ("giá trị", "để trống")]),
        (
            "bộ chỉ số",
            &[
                ("số", "số thứ tự như in"),
                ("chỉ số", "tên"),
                ("điểm tối đa", "điểm tối đa"),
                ("thời gian", "thời gian hoàn thành"),
                ("hướng dẫn", "nội dung thực hiện và điều kiện đảm bảo"),
                ("tài liệu", "tài liệu kiểm chứng"),
                ("nguồn", "nguồn cung cấp dữ liệu"),
                ("chủ trì", "chức danh chủ trì như in"),
                ("phối hợp", "chức danh phối hợp như in"),
                ("ghi chú", "ghi chú"),
            ],
        ),
    ],
    drawings: &[],
};

pub(super) const SHEET: Offer = Offer {
    facts: &[
        ("đơn vị", "đơn vị được đánh giá"),
        ("kỳ", "tên kỳ đánh giá"),
        ("căn cứ bộ chỉ số", "văn bản ban hành bộ chỉ số"),
        ("bộ chỉ số", "mã bộ chỉ số"),
        ("tự chấm", "tổng điểm tự chấm"),
        ("thẩm định", "tổng điểm thẩm định của các chỉ số đã thẩm định"),
        ("đã chốt", "tổng điểm cuối của các chỉ số đã chốt"),
        ("điểm tính", "tổng điểm đang có hiệu lực"),
        ("tối đa", "điểm tối đa"),
        ("không áp dụng", "điểm không áp dụng"),
        ("quy đổi", "kết quả quy đổi"),
        ("số chỉ số", "số chỉ số phải chấm"),
        ("số đã xong", "số chỉ số đã xong"),
        ("số đã thẩm định", "số chỉ số đã thẩm định"),
        ("số điều chỉnh", "số chỉ số có điểm thẩm định khác tự chấm"),
        ("số tài liệu", "số tài liệu kiểm chứng"),
        ("biên nhận", "số biên nhận; trống khi chưa nộp"),
        ("mã băm", "SHA-256 của trạng thái phiếu"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
        ("thứ tự", "số La Mã của phụ lục"),
    ],
    tables: &[
        (
            "trụ cột",
            &[
                ("số", "số trụ cột"),
                ("tên", "tên trụ cột"),
                ("tối đa", "điểm tối đa"),
                ("không áp dụng", "điểm không áp dụng"),
                ("tự chấm", "điểm tự chấm"),
                ("điểm tính", "điểm đang có hiệu lực"),
                ("tỷ lệ", "phần trăm đạt được"),
            ],
        ),
        (
            "chỉ số",
            &[
                ("số", "số thứ tự"),
                ("mã", "mã chỉ số"),
                ("tên", "tên chỉ số"),
                ("tối đa", "điểm tối đa"),
                ("số liệu", "các số liệu đã khai"),
                ("tự chấm", "điểm tự chấm"),
                ("lý do", "vì sao được điểm đó"),
                ("tài liệu", "số hiệu tài liệu trong danh mục"),
                ("thẩm định", "điểm thẩm định"),
                ("chênh lệch", "thẩm định trừ tự chấm"),
                ("lý do thẩm định", "lý do của người thẩm định"),
                ("ghi chú", "ghi chú của đơn vị"),
                ("giải trình", "giải trình của đơn vị và câu trả lời, từng đợt"),
                ("điểm cuối", "điểm chốt"),
                ("lý do cuối", "lý do của điểm chốt"),
                ("trạng thái", "trạng thái của chỉ số"),
            ],
        ),
        (
            "tài liệu",
            &[
                ("số", "số hiệu trong danh mục"),
                ("mã", "mã chỉ số"),
                ("tên", "tên tệp hoặc địa chỉ"),
                ("mã băm", "SHA-256 của tệp"),
                ("chữ ký", "kết luận kiểm tra chữ ký số"),
                ("ngày", "ngày đính kèm"),
            ],
        ),
        ("thông tin chung", &[("số", "số thứ tự"), ("tên", "tên thông tin"), ("giá trị", "giá trị đã khai")]),
    ],
    drawings: &[],
};

pub(super) const REVIEW: Offer = Offer {
    facts: &[
        ("đơn vị", "đơn vị"),
        ("đợt", "tên đợt rà soát"),
        ("lúc", "thời điểm rà soát"),
        ("người chốt", "ai chốt đợt rà soát"),
        ("điểm", "điểm tự chấm khi đó"),
        ("tối đa", "điểm tối đa"),
        ("số chỉ số", "số chỉ số phải chấm"),
        ("số đã xong", "số chỉ số đã xong"),
        ("số chậm", "số chỉ số còn chậm"),
        ("kết luận", "kết luận, việc cần làm"),
        ("căn cứ bộ chỉ số", "văn bản ban hành bộ chỉ số"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
    ],
    tables: &[(
        "chậm",
        &[
            ("số", "số thứ tự"),
            ("mã", "mã chỉ số"),
            ("tên", "tên chỉ số"),
            ("còn thiếu", "còn thiếu gì"),
            ("ai", "ai làm"),
            ("hạn", "khi nào"),
            ("điểm", "điểm còn có thể đạt"),
        ],
    )],
    drawings: &[],
};

pub(super) const SURVEY: Offer = Offer {
    facts: &[
        ("kỳ", "tên kỳ đánh giá"),
        ("căn cứ bộ chỉ số", "văn bản ban hành bộ chỉ số"),
        ("từ ngày", "ngày đầu của kỳ số liệu"),
        ("đến ngày", "ngày cuối của kỳ số liệu"),
        ("hạn", "hạn gửi: 15 ngày kể từ ngày phát hành"),
        ("địa chỉ", "địa chỉ của phần mềm"),
    ],
    tables: &[("đơn vị", &[("số", "số thứ tự"), ("tên", "tên đơn vị"), ("cấp", "cấp"), ("mã", "mã đơn vị")])],
    drawings: &[],
};

pub(super) const RANKING: Offer = Offer {
    facts: &[
        ("kỳ", "tên kỳ đánh giá"),
        ("căn cứ bộ chỉ số", "các văn bản ban hành bộ chỉ số, mỗi dòng một văn bản"),
        ("số đơn vị", "số đơn vị được xếp hạng"),
        ("tóm tắt", "mỗi cấp một câu: bao nhiêu đơn vị, ai đứng đầu"),
        ("sửa đổi", "văn bản được thay thế, khi công bố lại"),
        ("mã băm", "SHA-256 của bản công bố"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
        ("thứ tự", "số La Mã của phụ lục"),
    ],
    tables: &[
        ("xếp hạng sở", RANKS),
        ("xếp hạng huyện", RANKS),
        ("xếp hạng xã", RANKS),
        ("thay đổi sở", CHANGES),
        ("thay đổi huyện", CHANGES),
        ("thay đổi xã", CHANGES),
    ],
    drawings: &[],
};

const RANKS: Names = &[
    ("hạng", "hạng; đồng hạng ghi như nhau"),
    ("đơn vị", "tên đơn vị"),
    ("mã", "mã đơn vị"),
    ("trụ cột", "điểm từng trụ cột, mỗi trụ cột một cột"),
    ("điểm", "điểm đạt"),
    ("không áp dụng", "điểm không áp dụng"),
    ("quy đổi", "kết quả quy đổi"),
    ("xếp loại", "xếp loại"),
];

const CHANGES: Names = &[
    ("đơn vị", "tên đơn vị"),
    ("hạng trước", "hạng lần công bố trước"),
    ("hạng", "hạng lần này"),
    ("tăng giảm", "số bậc tăng (+) hoặc giảm (−)"),
    ("kết quả trước", "kết quả quy đổi lần trước, phần trăm của tối đa"),
    ("kết quả", "kết quả quy đổi lần này, phần trăm của tối đa"),
];

pub(super) const REMINDER: Offer = Offer {
    facts: &[
        ("đơn vị", "đơn vị được nhắc"),
        ("kỳ", "tên kỳ đánh giá"),
        ("số trễ", "số chỉ số đã trễ hạn"),
        ("số sắp đến hạn", "số chỉ số sắp đến hạn"),
        ("hạn cuối", "ngày cuối của giai đoạn nhập số liệu"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
    ],
    tables: &[(
        "việc",
        &[
            ("số", "số thứ tự"),
            ("mã", "mã chỉ số"),
            ("tên", "tên chỉ số"),
            ("còn thiếu", "còn thiếu gì"),
            ("ai", "ai chủ trì"),
            ("hạn", "hạn"),
            ("trễ", "trễ bao nhiêu ngày"),
            ("điểm", "điểm tối đa"),
        ],
    )],
    drawings: &[],
};

pub(super) const CERTIFICATE: Offer = Offer {
    facts: &[
        ("đơn vị", "đơn vị, chữ in hoa"),
        ("kỳ", "tên kỳ đánh giá"),
        ("hạng", "hạng"),
        ("số đơn vị", "số đơn vị cùng cấp"),
        ("cấp", "cấp"),
        ("quy đổi", "kết quả quy đổi"),
        ("tối đa", "điểm tối đa"),
        ("xếp loại", "xếp loại, trống khi không có"),
        ("quyết định", "quyết định công bố"),
        ("mã băm", "SHA-256 của bản công bố"),
        ("địa chỉ", "địa chỉ xem giải thích từng điểm"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
    ],
    tables: &[(
        "trụ cột",
        &[
            ("số", "số trụ cột"),
            ("tên", "tên"),
            ("điểm", "điểm đạt"),
            ("tối đa", "điểm tối đa"),
            ("hạng", "hạng theo trụ cột"),
        ],
    )],
    drawings: &[],
};

pub(super) const ANALYSIS: Offer = Offer {
    facts: &[
        ("kỳ", "tên kỳ đánh giá"),
        ("cấp", "cấp được phân tích"),
        ("quyết định", "quyết định công bố"),
        ("số đơn vị", "số đơn vị được xếp hạng"),
        ("dẫn đầu", "các đơn vị dẫn đầu, với kết quả"),
        ("cuối bảng", "các đơn vị cuối bảng, với kết quả"),
        ("trung vị", "kết quả trung vị, phần trăm của tối đa"),
        ("khoảng cách", "khoảng cách giữa đơn vị đầu và cuối, điểm phần trăm"),
        ("trụ cột yếu", "các trụ cột có trung vị thấp nhất"),
        ("trụ cột mạnh", "trụ cột có trung vị cao nhất"),
        ("số tăng", "số đơn vị tăng hạng; trống khi không có lần trước"),
        ("số giảm", "số đơn vị giảm hạng"),
        ("số đơn vị trễ", "số đơn vị có chỉ số trễ hạn"),
        ("số chỉ số trễ", "tổng số chỉ số trễ hạn"),
        ("không trễ", "có khi không đơn vị nào trễ"),
        ("giả định", "câu nhắc khi số liệu là giả định"),
    ],
    tables: &[(
        "mất điểm",
        &[
            ("số", "số thứ tự"),
            ("mã", "mã chỉ số"),
            ("tên", "tên chỉ số"),
            ("tối đa", "điểm tối đa"),
            ("bình quân", "điểm bình quân đạt được"),
            ("tỷ lệ", "phần trăm điểm đạt được"),
            ("số không điểm", "số đơn vị 0 điểm"),
        ],
    )],
    drawings: &[
        ("phân bố", "số đơn vị theo phần điểm đạt"),
        ("trụ cột", "từng trụ cột: thấp nhất, trung vị, cao nhất"),
        ("tăng giảm", "các đơn vị tăng, giảm hạng nhiều nhất"),
        ("trễ hạn", "các đơn vị trễ hạn nhiều nhất"),
    ],
};
