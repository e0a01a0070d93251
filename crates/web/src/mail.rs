//! E-mails: plain text in UTF-8, handed to one mail server.

use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// How long the mail server has to answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 20;

/// What sends e-mails.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// An e-mail to send.
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    /// The address.
    pub to: &'a str,
    /// The name of the person.
    pub name: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The text.
    pub text: &'a str,
    /// What tells it from all others; the same e-mail always has the same.
    pub id: &'a str,
}

/// Why an e-mail was not sent.
#[derive(Debug)]
pub enum NotSent {
    /// It can never be sent: no such address, or the server refuses it for good.
    Never(String),
    /// The server has certainly not taken it; it can be tried again.
    NotYet(String),
    /// The connection broke when the server may have taken it already.
    Unknown(String),
}

/// Says that no person wrote this e-mail (RFC 3834), so that no machine answers it.
#[derive(Clone, Debug)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

impl Mailer {
    /// Sends by the server at `url` (`smtp://HOST:PORT`, `smtps://USER:PASSWORD@HOST`), from `from`
    /// (`Name <address>`).
    ///
    /// # Errors
    /// An address that cannot be understood.
    pub fn new(url: &str, from: &str) -> Result<Self, String> {
        let from = from.parse().map_err(|error| format!("{from}: {error}"))?;
        // The address may carry a password, which is not repeated.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|error| error.to_string())?;
        let transport = transport.timeout(Some(std::time::Duration::from_secs(ANSWER_SECONDS_MAX))).build();
        Ok(Self { transport, from })
    }

    /// Sends an e-mail.
    ///
    /// # Errors
    /// Why it was not sent, and whether trying again can do harm.
    pub async fn send(&self, mail: &Mail<'_>, at: Timestamp) -> Result<(), NotSent> {
        let message = self.message(mail, at).map_err(NotSent::Never)?;
        // A server that cannot be reached at all has certainly not taken anything.
        match self.transport.test_connection().await {
            Ok(true) => {}
            Ok(false) => return Err(NotSent::NotYet("the mail server does not answer".to_owned())),
            Err(error) => return Err(NotSent::NotYet(error.to_string())),
        }
        self.transport.send(message).await.map(drop).map_err(|error| verdict(&error))
    }

    fn message(&self, mail: &Mail<'_>, at: Timestamp) -> Result<Message, String> {
        let address: Address = mail.to.parse().map_err(|error| format!("{error}"))?;
        let text = Body::new_with_encoding(mail.text.to_owned(), ContentTransferEncoding::QuotedPrintable)
            .map_err(|_| "the text cannot be encoded".to_owned())?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.name.to_owned()), address))
            .subject(mail.subject)
            .date(at.into())
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| error.to_string())
    }
}

fn verdict(error: &SmtpError) -> NotSent {
    if error.is_permanent() {
        NotSent::Never(error.to_string())
    } else if error.is_transient() {
        NotSent::NotYet(error.to_string())
    } else {
        NotSent::Unknown(error.to_string())
    }
}
