//! The redactor's rules one by one, and what holds for any text.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "tests")]

use std::borrow::Cow;

use genspan::redact::{PatternError, Redactor};

/// Letters and digits in no order; secrets are put together here so that no scanner takes this file for a leak.
const NOISE: &str = "k3Jd92hfLq0Zx7Vb5Tn1Rw8Yp4Mc6GsAeUiOQaXsWdCfVrBgTnHyMju9L1o2P3k4";

fn noise(len: usize) -> &'static str {
    &NOISE[..len]
}

fn redact(text: &str) -> String {
    Redactor::new().redact(text).into_owned()
}

/// Every text holds `secret` once; it must go whatever stands round it, under the name of `rule`.
fn gone(rule: &str, secret: &str) {
    let replaced = format!("[redacted:{rule}]");
    let arounds = [
        ("", ""),
        ("my key is ", " thanks"),
        ("{\"a\":\"", "\",\"b\":1}"),
        ("{\\\"a\\\":\\\"", "\\\"}"),
        ("first\\n", "\\nlast"),
        ("密钥", "。"),
        ("`", "`"),
        ("(", ")"),
        ("<k>", "</k>"),
        ("\u{1b}[31m", "\u{1b}[0m"),
        ("a\n", "\r\nb"),
    ];
    for (before, after) in arounds {
        let text = format!("{before}{secret}{after}");
        let expected = format!("{before}{replaced}{after}");
        assert_eq!(redact(&text), expected, "in {text:?}");
    }
}

fn kept(text: &str) {
    let redactor = Redactor::new();
    assert!(
        matches!(redactor.redact(text), Cow::Borrowed(same) if same == text),
        "{}",
        redactor.redact(text)
    );
}

#[test]
fn keys_with_a_prefix() {
    let rules = [
        ("anthropic-key", "sk-ant-", 40),
        ("anthropic-key", "sk-ant-api03-", 60),
        ("anthropic-key", "sk-ant-oat01-", 16),
        ("openrouter-key", "sk-or-", 20),
        ("openrouter-key", "sk-or-v1-", 64),
        ("openai-key", "sk-", 16),
        ("openai-key", "sk-", 48),
        ("openai-key", "sk-test-canary-", 20),
        ("openai-key", "sk-proj-", 60),
        ("openai-key", "sk-svcacct-", 40),
        ("openai-key", "sk-admin-", 40),
        ("google-key", "AIza", 35),
        ("google-key", "AIzaSy", 33),
        ("google-oauth-token", "ya29.", 20),
        ("google-oauth-token", "ya29.a0_", 60),
        ("google-client-secret", "GOCSPX-", 28),
        ("github-token", "ghp_", 36),
        ("github-token", "gho_", 36),
        ("github-token", "ghu_", 36),
        ("github-token", "ghs_", 36),
        ("github-token", "ghr_", 36),
        ("github-token", "github_pat_", 22),
        ("gitlab-token", "glpat-", 20),
        ("slack-token", "xoxb-123456789012-", 24),
        ("slack-token", "xoxp-123456789012-", 24),
        ("slack-token", "xoxa-2-", 24),
        ("slack-token", "xoxr-", 24),
        ("slack-token", "xoxs-", 24),
        ("huggingface-token", "hf_", 34),
        ("groq-key", "gsk_", 52),
        ("xai-key", "xai-", 60),
        ("perplexity-key", "pplx-", 48),
        ("replicate-token", "r8_", 37),
        ("cerebras-key", "csk-", 48),
        ("nvidia-key", "nvapi-", 60),
        ("stripe-key", "sk_live_", 24),
        ("stripe-key", "rk_live_", 24),
        ("stripe-key", "sk_test_", 24),
        ("stripe-key", "rk_test_", 24),
        ("npm-token", "npm_", 36),
        ("pypi-token", "pypi-AgEI", 60),
    ];
    for (rule, prefix, len) in rules {
        gone(rule, &format!("{prefix}{}", noise(len)));
    }
    for id in ["AKIA", "ASIA"] {
        gone("aws-key-id", &[id, "IOSFODNN7EXAMPLE"].concat());
        gone("aws-key-id", &[id, "2E0A8F3B4C5D6G7H"].concat());
    }
    gone(
        "openai-key",
        &["sk-", "0123456789abcdef0123456789abcdef"].concat(),
    );
    gone("openai-key", &["sk-", "1234567890123456"].concat());
}

#[test]
fn words_that_begin_like_a_key() {
    for text in [
        "task-force, risk-averse-investors-in-2024-and-beyond, disk-1234567890abcdefgh",
        "sk-learn, sk-2024-05-13-experiment-notes, sk-this-is-not-a-key-but-prose",
        "keys begin with sk- or sk-proj- or sk-ant-; sk-... and sk-proj-... are shown",
        "ask-ant-farm, risk-or-reward-analysis-of-2024",
        "sk-dodo-YOUR_KEY",
        "AIza is the prefix, AIzaSy too; FAIzaSyA1B2C3D4E5F6G7H8I9J0K1L2M3N4O5P6Q",
        "AKIA is short; AKIAshouldbeuppercase; XAKIAIOSFODNN7EXAMPLE; AKIAIOSFODNN7EXAMPLEandmore",
        "ASIA is a continent and ASIA-PACIFIC-2024-REGION a region",
        "ya29.short ya29 ghp_short gho_x github_pat_short glpat-short",
        "hf_hub_download(repo_id, filename), hf_transfer, self_hf_0123456789abcdefghijklm",
        "gsk_short, xai-org, xai-grok-4-fast-reasoning-latest, pplx-70b-online, r8_x",
        "npm_config_registry, npm_lifecycle_event, pypi-publish, pypi-server-with-a-long-name-for-tests",
        "xoxb-short, xoxb- is a prefix, csk-a, nvapi-x, sk_live_, sk_test_x",
    ] {
        kept(text);
    }
}

#[test]
fn masked_keys_that_show_a_part() {
    for (rule, secret) in [
        ("openai-key", "sk-inval**************-key"),
        ("openai-key", "sk-proj-****************abcd"),
        ("openai-key", "sk-proj-...abcd"),
        ("openai-key", "sk-...abcd"),
        ("openai-key", "sk-…abcd"),
        ("openai-key", "sk-••••••••abcd"),
        ("anthropic-key", "sk-ant-api03-***"),
        ("aws-key-id", "AKIA************WXYZ"),
        ("google-key", "AIzaSy****abcd"),
    ] {
        gone(rule, secret);
    }
    let long = format!("sk-proj-{}", noise(20));
    gone("openai-key", &format!("{long}****wxyz"));
    assert_eq!(
        redact("Incorrect API key provided: sk-inval********-key. See"),
        "Incorrect API key provided: [redacted:openai-key]. See"
    );
    assert_eq!(
        redact("Your api key: ****ab12 is invalid"),
        "Your api key: [redacted:assigned-secret] is invalid"
    );
    kept("sk-**** and sk-... and sk-proj-**** show nothing; ***bold*** and **bold**");
    kept("wait... what? api_key: ******** is all hidden");
}

#[test]
fn json_web_tokens() {
    let (header, claims) = ("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0");
    gone("jwt", &format!("{header}.{claims}.{}", noise(43)));
    gone("jwt", &format!("{header}.{claims}"));
    gone("jwt", &format!("{header}.{0}.{0}.{0}.{0}", noise(22)));
    kept("eyJhbGciOiJIUzI1NiJ9 alone, eyJ.eyJ.x, eyJshort.a.b");
    kept(
        "data:application/json;base64,eyJhIjoxLCJiIjoiYyIsImQiOjF9 and ZQcABWV2ZW50eyJieXRlcyI6ImV5Sm",
    );
}

#[test]
fn header_schemes() {
    let token = noise(24);
    let b64 = ["dXNlcjpwYXNz", "d29yZA=="].concat();
    for (text, expected) in [
        (
            format!("use Bearer {token} here"),
            "use Bearer [redacted:bearer-token] here".to_owned(),
        ),
        (
            format!("bearer {token}."),
            "bearer [redacted:bearer-token].".to_owned(),
        ),
        (
            format!("Bearer%20{token}"),
            "Bearer%20[redacted:bearer-token]".to_owned(),
        ),
        (
            format!("Basic {b64}, yes"),
            "Basic [redacted:basic-credentials], yes".to_owned(),
        ),
        (
            format!("basic {b64}"),
            "basic [redacted:basic-credentials]".to_owned(),
        ),
        (
            format!("\"Basic {b64}\""),
            "\"Basic [redacted:basic-credentials]\"".to_owned(),
        ),
        (
            "Authorization: Bearer opaque-word\nHost: x".to_owned(),
            "Authorization: Bearer [redacted:authorization]\nHost: x".to_owned(),
        ),
        (
            "{\"Authorization\": \"Token abcdef\"}".to_owned(),
            "{\"Authorization\": \"Token [redacted:authorization]\"}".to_owned(),
        ),
        (
            format!("proxy-authorization: {token}"),
            "proxy-authorization: [redacted:authorization]".to_owned(),
        ),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature=abc\r\nb: c".to_owned(),
            "Authorization: AWS4-HMAC-SHA256 [redacted:authorization]\r\nb: c".to_owned(),
        ),
        (
            "Cookie: sid=abcdef; theme=dark\nHost: x".to_owned(),
            "Cookie: [redacted:cookie]\nHost: x".to_owned(),
        ),
        (
            "curl -H 'cookie: sid=abcdef; a=b' x".to_owned(),
            "curl -H 'cookie: [redacted:cookie]' x".to_owned(),
        ),
        (
            "{\"set-cookie\": \"sid=abcdef; Path=/\", \"b\": 1}".to_owned(),
            "{\"set-cookie\": \"[redacted:cookie]\", \"b\": 1}".to_owned(),
        ),
    ] {
        assert_eq!(redact(&text), expected);
    }
    kept(
        "the bearer of bad news, a Bearer token, Bearer authentication, Authorization: Bearer $OPENAI_API_KEY",
    );
    kept(
        "Authorization: Bearer YOUR_API_KEY, Authorization: Bearer <token>, \"Bearer {token}\", authorization: required",
    );
    kept("basic arithmetic, Basic authentication, basic concepts and basic greetings");
    kept("Cookie: a small text file = a crumb, cookie: none, the cookie policy: see below");
}

#[test]
fn private_keys() {
    let mark = |end: &str, kind: &str| ["-----", end, " ", kind, "PRIVATE KEY-----"].concat();
    for kind in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "] {
        let key = format!(
            "{}\nMII{}\n{}",
            mark("BEGIN", kind),
            noise(60),
            mark("END", kind)
        );
        gone("private-key", &key);
        gone("private-key", &key.replace('\n', "\\n"));
    }
    let open = format!("{}\nMII{}\nabc", mark("BEGIN", ""), noise(60));
    assert_eq!(redact(&format!("a {open}")), "a [redacted:private-key]");
    let tail = format!("{}\n{}", noise(40), mark("END", "RSA "));
    assert_eq!(redact(&format!("{tail} b")), "[redacted:private-key] b");
    kept(&format!(
        "a key starts with \"{}\" and ends with \"{}\".",
        mark("BEGIN", ""),
        mark("END", "")
    ));
    kept(
        &[
            "-----BEGIN CERT",
            "IFICATE-----\nMIIabc\n-----END CERT",
            "IFICATE-----",
        ]
        .concat(),
    );
    kept("-----BEGIN PUBLIC KEY-----\nMIIabc\n-----END PUBLIC KEY-----");
}

#[test]
fn credentials_in_urls() {
    for (secret, scheme) in [
        ("me:hunter2", "https"),
        ("postgres:p@ss:w,rd", "postgresql"),
        (":pw", "redis"),
        (noise(24), "https"),
    ] {
        let text = format!("see {scheme}://{secret}@host:5432/db?x=1 ok");
        assert_eq!(
            redact(&text),
            format!("see {scheme}://[redacted:url-credentials]@host:5432/db?x=1 ok")
        );
    }
    assert_eq!(
        redact("https:\\/\\/me:hunter2@h\\/x"),
        "https:\\/\\/[redacted:url-credentials]@h\\/x"
    );
    kept(
        "https://example.org:8080/@user https://medium.com/@a:b ssh://git@github.com/x mailto://me@example.org",
    );
    kept("postgres://${USER}:${PASSWORD}@host/db http://[::1]:8080/ http://a:80 b@c.d");
}

#[test]
fn query_parameters() {
    for (text, expected) in [
        (
            format!("https://x/y?key={}", noise(20)),
            "https://x/y?key=[redacted:query-parameter]",
        ),
        (
            format!("/y?a=1&api_key={}&b=2", noise(10)),
            "/y?a=1&api_key=[redacted:query-parameter]&b=2",
        ),
        (
            format!("/y?access_token={}#x", noise(10)),
            "/y?access_token=[redacted:query-parameter]#x",
        ),
        (
            format!("/y?se=1&amp;sig={}%3D", noise(30)),
            "/y?se=1&amp;sig=[redacted:query-parameter]",
        ),
        (
            format!("/y?se=1\\u0026sig={}", noise(30)),
            "/y?se=1\\u0026sig=[redacted:query-parameter]",
        ),
        (
            format!("?X-Amz-Signature={}", noise(64)),
            "?X-Amz-Signature=[redacted:query-parameter]",
        ),
    ] {
        assert_eq!(redact(&text), expected);
    }
    kept(
        "https://x/y?key=name&sig=short&pageToken=abcdefgh12345678abcd&monkey=abcdefgh12345678abcd",
    );
    kept("?key=&api_key=&signature=none #key=abcdefgh");
}

#[test]
fn assignments() {
    for (before, secret, after) in [
        ("password=", "hunter2hunter2", ""),
        ("password=", "correcthorse", " rest"),
        ("DB_PASSWORD='", "correct-horse", "'"),
        ("Password: ", "hunter2!x", ", ok"),
        ("**Password:** ", "hunter2!x", "\n"),
        ("{\"password\": \"", "correcthorse", "\"}"),
        ("{\\\"password\\\":\\\"", "correct\\\\\\\"horse", "\\\"}"),
        ("line\\npassword=", "hunter2hunter2", "\\nnext"),
        ("export MY_API_KEY=", "abcdef123456", "\n"),
        ("api_key: ", "abcdef123456", "\n"),
        ("x-api-key: ", "abcdef123456", "\r\nHost: x"),
        ("os.environ[\"API_KEY\"] = \"", "abcdefghijkl", "\""),
        (
            "aws_secret_access_key = ",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
            "\n",
        ),
        (
            "AWS_SECRET_ACCESS_KEY=",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzKEY",
            "",
        ),
        (
            "AccountName=x;AccountKey=",
            "abc123/def456+ghi789==",
            ";Suffix=y",
        ),
        ("headers.append((\"x-api-key\", \"", "abcdef123456", "\"))"),
        ("<api_key>", "abcdef123456", "</api_key>"),
        ("run --api-key ", "abcdef123456", " now"),
        ("clientSecret => '", "abcdef123456", "'"),
        ("\"token\": \"", "a1B2c3D4e5F6g7H8", "\""),
    ] {
        let expected = format!("{before}[redacted:assigned-secret]{after}");
        assert_eq!(redact(&format!("{before}{secret}{after}")), expected);
    }
    for text in [
        "password: required, password: string; password: SecretStr = Field(min_length=8)",
        "{\"password\": {\"type\": \"string\", \"description\": \"The password of the user\"}}",
        "{\"password\": \"The password of the user\", \"secret\": \"a word\"}",
        "api_key=os.environ[\"OPENAI_API_KEY\"], api_key=settings.api_key, api_key=get_key(name)",
        "api_key = \"YOUR_API_KEY\"; password = \"${DB_PASSWORD}\"; api_key='<your-key-here>'",
        "{\"max_tokens\": 1234567890, \"token_count\": 12345678, \"secretary\": \"Miss Moneypenny\"}",
        "{\"token\":\" multiplication\",\"logprob\":-0.1,\"bytes\":[32]}, {\"token\":\"internationalization\"}",
        "{\"next_page_token\": \"CAESBgoEc29tZQ1234567890ABC\", \"key\": \"value-of-the-key\"}",
        "if password == other: the secret: be kind. PWD=/home/someone/projects/2024",
        "\"signature\": \"EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk\"",
        "\"prompt_cache_key\": \"0f8fad5bd9cb469fa16570867728950e\"",
    ] {
        kept(text);
    }
}

#[test]
fn ids_and_hashes_stay() {
    for text in [
        "call_k3Jd92hfLq0Zx7Vb5Tn1Rw8Y chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT msg_01XFDUDYJgAACzvnptvVoYEL",
        "toolu_01A09q90qw90lq917835lq9 resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b fp_44709d6fcb",
        "0f8fad5b-d9cb-469f-a165-70867728950e 9e107d9d372bb6826bd81d3542a419d6 req_011CSHoEeqs5C35K2UUqR7Fy",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "gpt-4o-2024-08-06 claude-sonnet-4-5-20250929 asst_abc123 thread_abc123 run_abc123 file-abc123",
        "projects/my-project-123/locations/us-central1/publishers/google/models/gemini-2.5-pro",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
    ] {
        kept(text);
    }
}

#[test]
fn keys_by_name() {
    let redactor = Redactor::new();
    assert!(redactor.is_secret_key("X-Api-Key") && redactor.is_secret_key("set-cookie"));
    assert!(!redactor.is_secret_key("token") && !redactor.is_secret_key("max_tokens"));
    assert_eq!(
        redactor.redact_value("password", "x"),
        "[redacted:secret-value]"
    );
    assert_eq!(
        redactor.redact_value("token", "a1B2c3D4e5F6g7H8"),
        "[redacted:secret-value]"
    );
    assert_eq!(redactor.redact_value("token", " Hello"), " Hello");
    assert_eq!(
        redactor.redact_value("password", "[redacted:secret-value]"),
        "[redacted:secret-value]"
    );
    assert_eq!(
        redactor.redact_value("note", &format!("sk-{}", noise(20))),
        "[redacted:openai-key]"
    );
}

#[test]
fn the_user_s_own_patterns() {
    let redactor = Redactor::builder()
        .with_pattern("ticket-id", r"T-\d+")
        .and_then(|builder| builder.with_pattern("greedy", "secretly .*"))
        .unwrap()
        .build();
    assert_eq!(
        redactor.redact("see T-12 and T-3"),
        "see [redacted:ticket-id] and [redacted:ticket-id]"
    );
    let glued = format!("T-1sk-proj-{}", noise(20));
    assert_eq!(
        redactor.redact(&glued),
        "[redacted:ticket-id][redacted:openai-key]"
    );
    let once = redactor.redact("secretly T-12 x").into_owned();
    assert_eq!(once, "[redacted:greedy]");
    assert_eq!(redactor.redact(&once), once);
}

#[test]
fn pattern_errors_say_what_to_do() {
    let error = |name: &str, pattern: &str| {
        Redactor::builder()
            .with_pattern(name, pattern)
            .map(drop)
            .unwrap_err()
    };
    assert!(matches!(error("Not Fit", "x"), PatternError::Name { .. }));
    assert!(matches!(
        error(&format!("sk-{}", noise(30).to_lowercase()), "x"),
        PatternError::Name { .. }
    ));
    assert!(matches!(error("jwt", "x"), PatternError::Taken { .. }));
    assert!(matches!(error("a", "x*"), PatternError::Empty { .. }));
    let texts = [
        error("Not Fit", "x"),
        error("jwt", "x"),
        error("a", "x*"),
        error("a", "("),
    ]
    .map(|e| e.to_string());
    insta::assert_snapshot!(texts.join("\n"), @r#"
    the rule name "Not Fit" is not 1 to 64 lower-case letters, digits and dashes that are no key themselves; try "ticket-id"
    a rule named "jwt" exists already; choose another name
    the pattern of rule "a" matches the empty text; make it match at least one character
    the pattern of rule "a" does not compile: regex parse error:
        (
        ^
    error: unclosed group
    "#);
}
