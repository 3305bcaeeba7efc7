"""Masking: secrets go, what tells the reader which one it was stays, and everything else is left alone."""

from __future__ import annotations

import pytest

from bot.domain.masking import MASK, Masker

HEX, ALNUM = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6jK9m"
B64KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


def whole(text: str) -> str:
    """`|` keeps scanners of this repository from taking our examples for secrets."""
    return text.replace("|", "").replace("HEX", HEX).replace("ALNUM", ALNUM)


TOKENS = [
    "xox|b-1234567890-1234567890123-ALNUM",
    "xox|p-1234567890-ALNUM",
    "xox|e.xox|p-1-ALNUM",
    "xox|c-123456789012-HEX",
    "xox|d-ALNUM%2BALNUM",
    "xap|p-1-A0123456789-1234567890123-HEX",
    "AK|IAIOSFODNN7EXAMPLE",
    "AS|IAIOSFODNN7EXAMPLE",
    "gh|p_ALNUM",
    "gh|s_ALNUM",
    "github|_pat_11ABCDEFG0_ALNUM",
    "gl|pat-ALNUM",
    "sk|_live_ALNUM",
    "rk|_test_ALNUM",
    "wh|sec_ALNUM",
    "AI|zaSyA1234567890abcdefghijklmnopqrstuv",
    "ya|29.a0AfH6SMBALNUM",
    "GOC|SPX-ALNUM",
    "ey|JhbGciOiJIUzI1NiJ9.ey|JzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "ey|JhbGciOiJub25lIn0.ey|JzdWIiOiIxMjM0NTY3ODkwIn0.",
    "sk|-ALNUM",
    "sk|-proj-ALNUM",
    "sk|-ant-api03-ALNUM",
    "hf|_ALNUM",
    "np|m_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6",
    "py|pi-AgEIcHlwaS5vcmcCJALNUMALNUM",
    "dckr|_pat_ALNUM",
    "dop|_v1_HEXHEX",
    "S|G.ALNUM.ALNUM",
    "S|KHEX",
    "shp|at_HEX",
    "hv|s.ALNUM",
    "gls|a_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF_0f1e2d3c",
    "dap|iHEX",
    "ts|key-auth-ALNUM",
    "123456789|:AAaB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3gH6",
    "$2b|$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW",
    "$6|$rounds=5000$usesomesillystri$KqJWpanXZHKq2BOB43TSaYhEWsQ1Lr5QNyPCDH",
]


@pytest.mark.parametrize(
    "token", [pytest.param(whole(text), id=text.split("|")[0] + str(n)) for n, text in enumerate(TOKENS)]
)
@pytest.mark.parametrize("around", ["{}", "got {} back", "({}),", '"{}"', "a\\n{}\\nb", "x={};y"])
def test_a_token_is_known_by_its_shape(token: str, around: str) -> None:
    token = whole(token)
    assert Masker().mask(around.format(token)) == around.format(MASK)
    assert not Masker().leaves_alone(["fine", around.format(token), "fine"])


@pytest.mark.parametrize(
    "suffix", ["x", "X", "and", "0", "_old", "é", "\u0301", "\\n", "AK" + "IAIOSFODNN7EXAMPLE"[2:]]
)
def test_a_key_of_aws_is_known_although_it_runs_into_other_letters(suffix: str) -> None:
    """It has twenty letters and no end of its own; what follows may belong to a log's next word."""
    key = whole("AK|IAIOSFODNN7EXAMPLE")
    masked = Masker().mask(f"id {key}{suffix}")
    assert masked == f"id {MASK}{suffix}"
    assert not Masker().leaves_alone([f"id {key}{suffix}"])


PLACES = [
    ("password=hunter2", "password=«masked»"),
    ("password = hunter2", "password = «masked»"),
    ("PASSWORD: hunter2", "PASSWORD: «masked»"),
    ("DB_PASSWORD=hunter2 DB_USER=ann", "DB_PASSWORD=«masked» DB_USER=ann"),
    ("SMTP_PASS=x", "SMTP_PASS=«masked»"),
    ("password=${notclosed", "password=«masked»"),
    ("password=//x", "password=«masked»"),
    ("dbpwd=/x1", "dbpwd=«masked»"),
    ("spring.datasource.password=a", "spring.datasource.password=«masked»"),
    ("password='two words' next", "password='«masked»' next"),
    ('password="with \\" quote" next', 'password="«masked»" next'),
    ('password="cut off', 'password="«masked»'),
    ("password=hunter2, user=ann", "password=«masked», user=ann"),
    ("password=with,comma", "password=«masked»"),
    ("connect(password=hunter2)", "connect(password=«masked»)"),
    ("{'password': 'hunter2', 'user': 'ann'}", "{'password': '«masked»', 'user': 'ann'}"),
    ('{"client_secret": "abc123", "id": 7}', '{"client_secret": "«masked»", "id": 7}'),
    ('{\\"accessToken\\":\\"abc123\\",\\"id\\":7}', '{\\"accessToken\\":\\"«masked»\\",\\"id\\":7}'),
    ("clientSecret => abc123", "clientSecret => «masked»"),
    ("api_key: abc123", "api_key: «masked»"),
    ("apikey=abc123&page=2", "apikey=«masked»&page=2"),
    ("X-Api-Key: abc123", "X-Api-Key: «masked»"),
    ("x-auth-token: abc123", "x-auth-token: «masked»"),
    ("secret: t0psecret", "secret: «masked»"),
    ("token: 1a2b3c4d", "token: «masked»"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "aws_secret_access_key = «masked»"),
    ("Server=db;Database=shop;User Id=sa;Password=a;", "Server=db;Database=shop;User Id=sa;Password=«masked»;"),
    ("AccountName=x;AccountKey=YWJjZGVm==;EndpointSuffix=y", "AccountName=x;AccountKey=«masked»;EndpointSuffix=y"),
    ("SharedAccessKeyName=x;SharedAccessKey=YWJjZGVm=", "SharedAccessKeyName=x;SharedAccessKey=«masked»"),
    ("host=db user=shop password=hunter2 dbname=shop", "host=db user=shop password=«masked» dbname=shop"),
    ("Authorization: Bearer abc", "Authorization: Bearer «masked»"),
    ("authorization: Basic YW5uOmh1bnRlcjI=", "authorization: Basic «masked»"),
    ("Proxy-Authorization: Digest a, b=c", "Proxy-Authorization: Digest «masked»"),
    ("Authorization: abc", "Authorization: «masked»"),
    ("-H 'Authorization: token abc' https://x", "-H 'Authorization: token «masked»' https://x"),
    ('{"Authorization": "Bearer abc"}', '{"Authorization": "Bearer «masked»"}'),
    ("sent Bearer 0123456789abcdef", "sent Bearer «masked»"),
    ("Cookie: sid=abc; theme=dark\r\nHost: x", "Cookie: «masked»\r\nHost: x"),
    ("Set-Cookie: sid=abc; Path=/", "Set-Cookie: «masked»"),
    ("JSESSIONID=0123456789", "JSESSIONID=«masked»"),
    ("https://ann:hunter2@example.com/x", "https://ann:«masked»@example.com/x"),
    ("https://ann:hun@ter2@example.com/x", "https://ann:«masked»@example.com/x"),
    ("postgresql+psycopg://shop:p/a@s?s#@db:5432/shop", "postgresql+psycopg://shop:«masked»@db:5432/shop"),
    ("redis://:hunter2@cache:6379/0", "redis://:«masked»@cache:6379/0"),
    ("mongodb+srv://a:b@c.example.net,d:1", "mongodb+srv://a:«masked»@c.example.net,d:1"),
    (f"https://{HEX}@sentry.example.com/4", "https://«masked»@sentry.example.com/4"),
    ("https://hooks.sla|ck.com/services/T0AA/B0BB/abc", "https://hooks.slack.com/services/«masked»"),
    ("https://disc|ord.com/api/webhooks/123/abc-def ok", "https://discord.com/api/webhooks/«masked» ok"),
    ("https://api.telegram.org/bot123:abc/getMe", "https://api.telegram.org/bot«masked»"),
    (f"https://acme.webhook.office.com/webhookb2/{HEX}", "https://acme.webhook.office.com/webhookb2/«masked»"),
    (f"https://x/y?sv=1&sig={HEX}%3D", "https://x/y?sv=1&sig=«masked»"),
    (f"https://s3/x?X-Amz-Signature={HEX}&a=1", "https://s3/x?X-Amz-Signature=«masked»&a=1"),
    (f"https://chat.example.com/x?key={HEX}&threadKey=1", "https://chat.example.com/x?key=«masked»&threadKey=1"),
    ("curl -s -u ann:hunter2 https://x", "curl -s -u ann:«masked» https://x"),
    ("mysqldump -uroot -phunter2 shop", "mysqldump -uroot -p«masked» shop"),
    ("sshpass -p hunter2 ssh x", "sshpass -p «masked» ssh x"),
    ("redis-cli -h x -a hunter2 ping", "redis-cli -h x -a «masked» ping"),
    ("tool --password hunter2 --user ann", "tool --password «masked» --user ann"),
    ("tool --api-key=abc123 --user ann", "tool --api-key=«masked» --user ann"),
    ("['tool', '--token', 'abc123', '-v']", "['tool', '--token', '«masked»', '-v']"),
    ("machine x login ann password hunter2", "machine x login ann password «masked»"),
    ("ALTER USER ann WITH PASSWORD 'hunter2';", "ALTER USER ann WITH PASSWORD '«masked»';"),
    ("CREATE USER a IDENTIFIED BY 'hunter2'", "CREATE USER a IDENTIFIED BY '«masked»'"),
    ("<db:password>hunter2</db:password>", "<db:password>«masked»</db:password>"),
    ("{'password': b'S3cretQ1', 'x': 1}", "{'password': b'«masked»', 'x': 1}"),
    ("token=b'abcdef12345678' x", "token=b'«masked»' x"),
    ("password=u'S3cretQ1'", "password=u'«masked»'"),
    ('password=r"S3cretQ1"', 'password=r"«masked»"'),
    ("password=SecretStr('S3cretQ1') x", "password=SecretStr('«masked»') x"),
    ("password=brown x", "password=«masked» x"),
    ("password='S3cr''et' x", "password='«masked»' x"),
    ('Password="S3cr""et";Server=db', 'Password="«masked»";Server=db'),
    ("Password={S3cret;Passw0rd};Server=db", "Password=«masked»};Server=db"),
    ("password='' user='ann'", "password='' user='ann'"),
    ('{"pass": "Js0nPassQ1"}', '{"pass": "«masked»"}'),
    ("pass=LogPass2Q1 x", "pass=«masked» x"),
    ("GET /x?user=u&pass=Query1 x", "GET /x?user=u&pass=«masked» x"),
    ("smtp.pass=S3cret", "smtp.pass=«masked»"),
    ("dbPass=S3cretQ1", "dbPass=«masked»"),
    ("userPass: S3cretQ1", "userPass: «masked»"),
    ("passwordHash=S3cretQ1", "passwordHash=«masked»"),
    ("SECRET_KEY_BASE=S3cretQ1", "SECRET_KEY_BASE=«masked»"),
    ("//registry.example.com/:_auth=S3cretQ1", "//registry.example.com/:_auth=«masked»"),
    ("GET /x?auth=S3cretS3cretQ1 x", "GET /x?auth=«masked» x"),
    ('{"pw": "S3cretQ1"}', '{"pw": "«masked»"}'),
    ("tls.key: S3cretQ1S3cretQ1", "tls.key: «masked»"),
    ('<meta name="csrf-token" content="S3cretQ1">', '<meta name="csrf-token" content="«masked»">'),
    (
        '<input type="hidden" name="authenticity_token" id="t" value="S3cretQ1" />',
        '<input type="hidden" name="authenticity_token" id="t" value="«masked»" />',
    ),
    ('<add key="DbPassword" value="S3cretQ1"/>', '<add key="DbPassword" value="«masked»"/>'),
    ('<env name="API_TOKEN">S3cretQ1</env>', '<env name="API_TOKEN">«masked»</env>'),
    ('<password type="x">S3cretQ1</password>', '<password type="x">«masked»</password>'),
    ('{"name":"DB_PASSWORD","value":"S3cretQ1"}', '{"name":"DB_PASSWORD","value":"«masked»"}'),
    ('{"name": "DB_PASSWORD",\n  "value": "S3cretQ1"}', '{"name": "DB_PASSWORD",\n  "value": "«masked»"}'),
    ("- name: DB_PASSWORD\n  value: S3cretQ1\n- name: X", "- name: DB_PASSWORD\n  value: «masked»\n- name: X"),
    ('"auth": "YWRtaW46UzNjcmV0UGFzc3cwcmQ="', '"auth": "«masked»"'),
    ("AUTH PLAIN AGFubgBTM2NyZXRRMQ==", "AUTH PLAIN «masked»"),
    ("docker login -u ci -p D0ckerQ1 registry", "docker login -u ci -p «masked» registry"),
    ("['docker', 'login', '-u', 'ci', '-p', 'S3cretQ1']", "['docker', 'login', '-u', 'ci', '-p', '«masked»']"),
    ("podman login -u ci -p 'S3cretQ1' registry", "podman login -u ci -p '«masked»' registry"),
    ("mysql -h db -phunter2 shop", "mysql -h db -p«masked» shop"),
    ("password=hunter2\xff\u20ac and more", "password=«masked» and more"),
    ("password=a\ud800b c", "password=«masked» c"),
]


@pytest.mark.parametrize(("text", "masked"), [pytest.param(*row, id=ascii(row[0])) for row in PLACES])
def test_a_secret_is_known_by_its_place_and_the_place_stays(text: str, masked: str) -> None:
    assert Masker().mask(text.replace("|", "")) == masked
    assert masked == text.replace("|", "") or not Masker().leaves_alone(["fine", text.replace("|", ""), "fine"])
    assert Masker().mask(f"2026-11-22 09:00 WARNING {text.replace('|', '')}") == f"2026-11-22 09:00 WARNING {masked}"


INNOCENT = [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "run 8c7e8d1a-6b0f-4c39-9a3e-2f1d0c9b8a77 is done",
    "pod/checkout-service-7d9f8b6c5d-x2k4q restarted 3 times",
    "pods token-refresher-5f6d7c8b9-abcde and secret-store-0 are Running",
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "Unexpected token < in JSON at position 0",
    "SyntaxError: Unexpected token: punctuation",
    "the token has expired, ask for a new one",
    "token expired",
    "a secret is missing: create it first",
    "FATAL: password authentication failed for user shop",
    "Access denied for user 'shop'@'10.0.0.1' (using password: YES)",
    "no password set",
    "password: ********",
    "password=<redacted>",
    "password=${DB_PASSWORD}",
    'password="${DB_PASSWORD}"',
    "connect(password=${DB_PASSWORD}, user=ann)",
    "secret://store/shop",
    "password: {{ vault_password }}",
    "password: null",
    "max_tokens=4096 prompt_tokens: 812",
    "tokens: 1,024 used",
    "secretName: shop-tls",
    'secrets "shop-tls" not found',
    "password_file=/run/secrets/db",
    "passwords: 3 expired",
    "PWD=/root OLDPWD=/home/ann",
    "12 passed, 0 failed; bypass: true",
    "key: value",
    "primary_key=id foreign_key=shop_id",
    "keyboard=us",
    "author: ann",
    'WWW-Authenticate: Bearer realm="api", error="invalid_token"',
    "Bearer authentication is required",
    "http://localhost:4873/@scope/pkg",
    "https://example.com/a@b?x=1",
    "ssh://git@github.com/acme/shop.git",
    "mailto:ann@example.com",
    "postgresql://db:5432/shop",
    "http://[::1]:8080/health answered 503 (expected 200)",
    "GET /items?key=7&sig=no HTTP/1.1",
    "/ is 91 % used (limit 90 %)",
    "eyJ is how a JSON Web Token begins",
    "expected -----BEGIN PRIVATE KEY----- at the start of the file",
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQ\n-----END CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0 ann@laptop",
    "Host key fingerprint is SHA256:uNiVztksCsDhcc0u9e8BrYsbXTGwhJFpJkqXDA",
    "version 1.2.3-rc.4+build.20261122",
    'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "xoxo, ann",
    "sk-loading-indicator of the page",
    "redis-cli -a",
    "flag --token is required",
    "mysql -p",
    "00:1b:44:11:3a:b7 has 10.0.0.7",
    "cat: /etc/passwd: Permission denied",
    "stat /run/secrets/db-password: permission denied",
    "/srv/app/reset_password: 500 in 12 ms",
    "refresh-token rotation failed",
    "Set-Cookie header missing",
    "CSRF-token verification failed",
    "GET /oauth/access-token returned 500",
    "x-api-key header not found",
    "client-secret expires 2026-03-02",
    "mysql -h db -port 3306",
    "['docker', 'run', '-p', '8080:80', 'login-page']",
    "docker login --password-stdin -u ci",
    "pass: 12, fail: 0",
    "pass=12 fail=0",
    "bypass: enabled for compass=north",
    '{"auth": "basic", "pass": 12}',
    "AUTH PLAIN is offered",
    '"auth": "9fceb02d0ae598e95dc970b7"',
    '<meta name="description" content="How to reset a password">',
    '<input name="email" value="ann@example.com">',
    "- name: REPLICAS\n  value: 12",
    "- name: DB_PASSWORD\n  valueFrom: {secretKeyRef: {name: db}}",
    "«masked» stays",
    "",
]


@pytest.mark.parametrize("text", [pytest.param(text, id=text[:40] or "nothing") for text in INNOCENT])
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert Masker().mask(text) == text


@pytest.mark.parametrize("label", ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\\n"])
def test_a_private_key_is_masked_and_named(label: str, newline: str) -> None:
    key = newline.join((f"-----BEGIN {label}-----", B64KEY, B64KEY, "abcd==", f"-----END {label}-----"))
    masked = Masker().mask(f"read {key} from disk")
    assert "MII" not in masked
    assert "abcd==" not in masked
    assert masked.startswith(f"read -----BEGIN {label}-----")
    assert masked.endswith(f"-----END {label}----- from disk")


def test_a_private_key_is_masked_behind_what_a_log_writes_before_each_line() -> None:
    lines = ("-----BEGIN PRIVATE KEY-----", B64KEY, B64KEY, "and then it went on")
    masked = Masker().mask("\n".join(f"2026-11-22T09:00:0{n} app: {line}" for n, line in enumerate(lines)))
    assert "MII" not in masked
    assert "and then it went on" in masked
    putty = Masker().mask(f"PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 2\n{B64KEY}\nabcdefghijklmnop+/==\nrest")
    assert "MII" not in putty
    assert "rest" in putty


@pytest.mark.parametrize(
    "written",
    [
        r"it's-a<b>\/c&d=\"e\"",
        r"it's-a\u003cb\u003e/c\u0026d=\"e\"",
        r"it\u0027s-a\u003cb\u003e/c\u0026d\u003d\"e\"",
        'it\\\'s-a<b>/c&d="e"',
        "it&#x27;s-a&lt;b&gt;/c&amp;d=&quot;e&quot;",
        "it&#39;s-a&lt;b&gt;/c&amp;d=&quot;e&quot;",
    ],
)
def test_a_secret_that_we_were_told_is_known_as_others_write_it(written: str) -> None:
    assert Masker(['it\'s-a<b>/c&d="e"']).mask(f"said {written} to us") == "said «masked» to us"


def test_a_private_key_that_was_cut_off_is_masked_as_far_as_it_goes() -> None:
    masked = Masker().mask(f"-----BEGIN PRIVATE KEY-----\n{B64KEY}\n{B64KEY[:20]}\nand then nothing was read")
    assert B64KEY[:20] not in masked
    assert "and then nothing was read" in masked
