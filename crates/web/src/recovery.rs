//! Taking the second factor off an account whose owner lost it: one change, and the words in which the owner is told.

use cycle::AccountId;
use jiff::Timestamp;
use store::notices::NewNotice;
use store::{Actor, Command, Refusal, Store};

/// Takes it off; the owner, whose sessions end, is told in the pages and by e-mail.
///
/// # Errors
/// The actor may not, or there is none.
pub async fn reset_second_factor(
    store: &Store,
    actor: Actor,
    at: Timestamp,
    account: AccountId,
) -> Result<(), Refusal> {
    let notice = NewNotice {
        account,
        // The door marks it by its event.
        mark: String::new(),
        vi: "Xác thực hai lớp của bạn đã được gỡ theo yêu cầu, mọi phiên đăng nhập đã chấm dứt. Hãy bật lại ở trang \
             Tài khoản; nếu bạn không yêu cầu, hãy đổi mật khẩu và báo ngay cho người quản lý"
            .to_owned(),
        en: "Your second factor was taken off on request, and all your sessions ended. Turn it on again on the page \
             Account; if you did not ask for this, change your password and tell whoever manages people at once"
            .to_owned(),
        link: "/account".to_owned(),
        mail: true,
    };
    store.change(actor, at, Command::ResetSecondFactor { account, notice }).await?;
    Ok(())
}
