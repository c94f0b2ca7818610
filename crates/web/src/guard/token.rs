use axum::http::{HeaderMap, header};
use maskd_config::Secret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Name of the cookie that a browser keeps once it has logged in.
const COOKIE: &str = "maskd";

/// What whoever comes in has to know. Only its hashes are kept.
pub(crate) struct Token {
    hash: [u8; 32],
    /// Made of the token, so that browsers stay logged in over restarts and are out when the token changes.
    cookie: String,
}

impl Token {
    pub(crate) fn new(token: &Secret) -> Self {
        let salted = Sha256::new().chain_update(b"maskd cookie\0").chain_update(token.reveal()).finalize();
        Self { hash: hash(token.reveal()), cookie: salted.iter().map(|byte| format!("{byte:02x}")).collect() }
    }

    /// Compares hashes, in a time that tells nothing.
    pub(crate) fn is(&self, token: &str) -> bool {
        self.hash.ct_eq(&hash(token)).into()
    }

    /// Whether a request carries the token, or the cookie that was given for it.
    pub(crate) fn is_shown(&self, headers: &HeaderMap) -> bool {
        let text = |value: &header::HeaderValue| value.to_str().ok().map(str::to_owned);
        let bearer = headers.get(header::AUTHORIZATION).and_then(text);
        let bearer = bearer.as_deref().and_then(|value| value.split_once(' '));
        if let Some((scheme, token)) = bearer {
            return scheme.eq_ignore_ascii_case("bearer") && self.is(token.trim());
        }
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(text);
        cookies.flat_map(|line| line.split(';').map(|pair| pair.trim().to_owned()).collect::<Vec<_>>()).any(|pair| {
            pair.split_once('=').is_some_and(|(name, value)| {
                name == COOKIE && bool::from(value.as_bytes().ct_eq(self.cookie.as_bytes()))
            })
        })
    }

    /// The `Set-Cookie` line for one who has logged in: no script and no other site gets at it.
    pub(crate) fn set_cookie(&self, encrypted: bool) -> String {
        let secure = if encrypted { "; Secure" } else { "" };
        format!("{COOKIE}={}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict{secure}", self.cookie)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_token_and_its_cookie_open() {
        let token = Token::new(&Secret::new("correct horse battery".into()));
        let line = token.set_cookie(true);
        let cookie = line.split(';').next().unwrap();
        for (name, value, opens) in [
            (header::AUTHORIZATION, "Bearer correct horse battery", true),
            (header::AUTHORIZATION, "bearer correct horse battery", true),
            (header::AUTHORIZATION, "Bearer correct horse", false),
            (header::AUTHORIZATION, "Basic correct horse battery", false),
            (header::AUTHORIZATION, "", false),
            (header::COOKIE, cookie, true),
            (header::COOKIE, &format!("a=b; {cookie}; c=d"), true),
            (header::COOKIE, "maskd=", false),
            (header::COOKIE, "maskd", false),
        ] {
            assert_eq!(token.is_shown(&headers(name, value)), opens, "{value}");
        }
        assert!(!token.is_shown(&HeaderMap::new()));
        assert!(!line.contains("horse") && line.contains("HttpOnly") && line.contains("; Secure"));
        let other = Token::new(&Secret::new("another token altogether".into()));
        assert!(!other.is_shown(&headers(header::COOKIE, cookie)));
    }
}
