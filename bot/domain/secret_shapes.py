"""What secrets look like: the patterns behind `bot.domain.masking`.

All are RE2 over bytes, so hostile text costs linear time and broken encodings hide nothing. RE2 has no look-around:
what a pattern cannot say, `masking` decides on the match. No pattern may match little and look far for more: that is
what would make a scan quadratic.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import re2

KEYWORDS = (
    r"passw(?:or)?d(?:[_-]?hash)?|passphrase|passcode|pwd|[_-]pass|\bpass|(?-i:[a-z0-9]Pass)|[_-]pw|\bpw|requirepass|"
    r"secret|secret[_-]key[_-]base|\b_auth|tls\.key|token|credentials?|csrf|cookie|"
    r"sess(?:ion)?[_-]?(?:id|key)|webhook(?:[_-]?ur[il])?|"
    r"(?:api|app|access|account|auth|client|deploy|encryption|integration|license|master|private|routing|secret|service|"
    r"shared[_-]?access|signing|ssh)[_-]?key"
)
"""How the name of a value ends if the value is a secret; case does not matter."""

WEAK = (b"pass", b"pw")
"""Names that may also mean something else, such as how many tests passed: a bare number after them is no secret."""

STRONG = (b"password", b"passwd", b"passphrase", b"passcode", b"pwd", b"pass")
"""Names so plain that even a short or ordinary word after them is taken for a secret."""

_TOKENS = (
    r"xox[a-eprs](?:\.xox[a-eprs])?-[A-Za-z0-9%_-]{10,}",  # Slack
    r"xapp-[A-Za-z0-9-]{10,}",
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",  # AWS
    r"gh[pousr]_[A-Za-z0-9]{20,}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"gl(?:pat|dt|rt|ptt|ft|imt|soat|cbt|oas|agent|ffct|wt)-[A-Za-z0-9_.-]{20,}",  # GitLab
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"whsec_[A-Za-z0-9+/=]{16,}",
    r"AIza[A-Za-z0-9_-]{35,}",  # Google
    r"ya29\.[A-Za-z0-9_.-]{20,}",
    r"GOCSPX-[A-Za-z0-9_-]{20,}",
    r"1//0[A-Za-z0-9_-]{25,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}",  # JSON Web Tokens
    r"sk-(?:proj|svcacct|admin|ant-[a-z0-9]+|or-v1)-[A-Za-z0-9_-]{20,}",  # OpenAI and neighbours
    r"sk-[A-Za-z0-9]{32,}",
    r"xai-[A-Za-z0-9]{40,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"npm_[A-Za-z0-9]{36,}",
    r"pypi-[A-Za-z0-9_-]{50,}",
    r"rubygems_[a-f0-9]{48}",
    r"dckr_pat_[A-Za-z0-9_-]{20,}",
    r"do[opr]_v1_[a-f0-9]{64}",  # DigitalOcean
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    r"SK[0-9a-f]{32}\b",  # Twilio
    r"key-[0-9a-f]{32}\b",  # Mailgun
    r"shp(?:at|ss|ca|pa)_[a-fA-F0-9]{32}",  # Shopify
    r"sq0(?:atp|csp)-[A-Za-z0-9_-]{22,}",  # Square
    r"hv[sbr]\.[A-Za-z0-9_-]{20,}",  # Vault
    r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}",  # Grafana
    r"dapi[a-f0-9]{32}",  # Databricks
    r"tskey-[a-z]+-[A-Za-z0-9-]{10,}",  # Tailscale
    r"AGE-SECRET-KEY-1[A-Z0-9]{50,}",
    r"NRAK-[A-Z0-9]{27}",  # New Relic
    r"lin_api_[A-Za-z0-9]{32,}",
    r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}",
    r"AT(?:ATT3|BB)[A-Za-z0-9_=-]{24,}",  # Atlassian
    r"\d{8,10}:AA[A-Za-z0-9_-]{33,}",  # Telegram
)
_HASHES = r"\$(?:2[abxy]?|5|6|y|argon2(?:id|i|d))\$[./A-Za-z0-9$=,+-]{20,}"  # of passwords, as in /etc/shadow
_HOOKS = "|".join(
    (
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
        r"discord(?:app)?\.com/api/webhooks/",
        r"[a-z0-9-]+\.webhook\.office\.com/webhookb2/",
        r"outlook\.office(?:365)?\.com/webhook/",
        r"hooks\.zapier\.com/hooks/catch/",
        r"events\.pagerduty\.com/(?:integration|generic)/",
        r"api\.telegram\.org/(?:file/)?bot",
        r"maker\.ifttt\.com/trigger/[^/\s]+/with/key/",
        r"hc-ping\.com/",
    )
)
_DATABASES = r"(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse|nats|kafka)"
_SCHEMES = r"(?:(?:basic|bearer|token|digest|apikey|genie_?key|negotiate|aws4-hmac-sha256)\s+)?"
_SIGNED = (
    r"auth|sig|signature|x-amz-signature|x-amz-credential|x-amz-security-token|x-goog-signature|key|code|assertion|jwt|"
    r"state"
)


def compiled(pattern: str) -> Any:
    """RE2 over bytes; a byte that is no UTF-8 is a character like any other."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_nl = False
    options.log_errors = False
    return re2.compile(pattern.encode("latin-1"), options)


def literals(texts: Iterable[str]) -> Any | None:
    """A pattern of known texts, given as regular expressions; `None` if there are none."""
    longest_first = sorted(set(texts), key=lambda text: (-len(text), text))
    if not longest_first:
        return None
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    options.max_mem = 64 << 20  # a hundred secrets in all their forms; RE2's default holds about ten
    return re2.compile("|".join(longest_first).encode("latin-1"), options)


# A token may follow the two characters \n in a JSON string, so a word boundary alone would miss it.
_TOKEN = rf"(\\[nrt]|\b|_)(?:{'|'.join(_TOKENS)})|{_HASHES}"
TOKEN = compiled(_TOKEN)

KEY_BEGINS = compiled(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\bPrivate-Lines: \d{1,4}\b")
# A log may have put a time and a name before each line of it.
KEY_GOES_ON = compiled(
    r"(?:(?:\s|\\n|\\r)*[A-Za-z0-9+/=]{16,}|[ \t]*\r?\n[^\r\n]{0,80}?[ \t:|>\]][A-Za-z0-9+/=]{40,})+"
)

WORTH_A_LOOK = compiled(
    rf"{_TOKEN}|(?i:pass|pwd|\bpw|[_-]pw|private-lines|secret|token|key|auth|cookie|credential|csrf|sess|hook|bearer|basic|"
    r"identified|sig|code=|jwt|assertion|state=|curl|mysql|redis-cli|telegram|hc-ping|pagerduty)|"
    r"login\b[^\r\n|;]*[ \t\"']-p"
)
"""If this is not in a text, only the patterns of a login in a URL can be: those need `://` and `@`."""

# Each has two groups: what is kept, and the value. Those beside a key have four: kept (key, sign), value.
HEADER = compiled(
    rf"(?i)(\b(?:proxy-)?authorization\\?[\"']?[ \t]*(?:=>|[:=])[ \t]*\\?[\"']?{_SCHEMES})"
    r"([^\r\n\"'\\]+)"
)
COOKIE = compiled(r"(?i)(\b(?:set-)?cookie\\?[\"']?:[ \t]*\\?[\"']?)([^\r\n\"'\\]+)")
SCHEME = compiled(r"(?i)(\b(?:bearer|basic)\s+)([A-Za-z0-9._~+/=-]{8,})")
HOOK = compiled(rf"(?i)(\b(?:{_HOOKS}))([^\s\"'<>)\]]+)")
LOGIN = compiled(r"(?i)([a-z][a-z0-9+.-]*://[^\s/?#@:\"'<>]*:)([^\s/?#\"'<>]+)@")
DATABASE_LOGIN = compiled(rf"(?i)(\b{_DATABASES}(?:\+[a-z0-9]+)?://[^\s/?#@:\"'<>]*:)([^\s\"'<>]+)@")
LONE_LOGIN = compiled(r"(?i)([a-z][a-z0-9+.-]*://)([A-Za-z0-9_.~%-]{16,})@")
SIGNATURE = compiled(rf"(?i)([?&;](?:{_SIGNED})=)([^\s&\"'<>]{{12,}})")
_QUOTED = r"\"(?:[^\"\\]|\\.|\"\")*\"?|'(?:[^'\\]|\\.|'')*'?"
ASSIGNMENT = compiled(
    rf"(?i)((/?[\w.$-]*(?:{KEYWORDS}))\\*[\"']?([ \t]*(?:=>|:=|=|:)[ \t]*))"
    rf"(\\+\"[^\"\\]*(?:\\+\")?|(?:[bruf]{{1,2}}|\w{{1,40}}\()?(?:{_QUOTED})|\{{[^{{}}\s\"']+\}}|[^\s\"'`&;<>]+)"
)
OPENING = compiled(r"(?i)(?:[bruf]{1,2}|\w{1,40}\()?[\\\"']+")
"""How a quoted value begins: `"`, `\\"`, `b'` as Python writes bytes, `SecretStr('`."""
FLAG = compiled(
    rf"(?i)((?:^|[^\w-])(--?[\w-]*(?:{KEYWORDS}))([ \t]+|[\"'],[ \t]*))"
    r"(\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|[^\s\"'-][^\s\"']*)"
)
_SAYS = rf"\b(?:name|key)\\?[\"']?\s*[:=]\s*\\?[\"']?[\w.$:-]*(?:{KEYWORDS})\\?[\"']?"
# <meta name="csrf-token" content="…">, {"name": "DB_PASSWORD", "value": "…"}, and the same on two lines.
PAIR = compiled(
    rf"(?i)({_SAYS}(?:[\s,][^<>{{}}\r\n]*?)?,?[ \t]*(?:\r?\n[ \t]*)?"
    r"\\?[\"']?\b(?:content|value)\\?[\"']?\s*[:=]\s*\\?[\"']?)"
    r"([^\s\"'<>\\][^\r\n\"'<>\\]*)"
)
ELEMENT = compiled(rf"(?i)(<(?:[\w.:-]*(?:{KEYWORDS})(?:\s[^<>]*)?|[\w.:-]+\s[^<>]*?{_SAYS}[^<>]*)>)([^<\s][^<]*)")
LOGIN_DATA = compiled(r"(?i)(\bauth\\?[\"']?[ \t]*(?:[:=]|plain\b)[ \t]*\\?[\"']?)([A-Za-z0-9+/_-]{8,}={0,2})")
"""Base64 of a name and a password, as Docker and mail servers have it."""
COMMAND = compiled(
    r"(\bcurl\b[^\r\n|;]*[ \t](?:-u|--user)[ \t=]*[\"']?[^\s:\"']+:|\bsshpass[ \t]+-p[ \t]*|"
    r"\bmysql[a-z]*\b[^\r\n|;]*[ \t]-p|\bredis-cli\b[^\r\n|;]*[ \t]-a[ \t]+|"
    r"\b(?:docker|podman|buildah|skopeo|nerdctl|oras|helm)\b[^\r\n|;]*[ \t\"']login\b[^\r\n|;]*[ \t\"']-p"
    r"(?:[\"'],[ \t]*|[ \t=]*)[\"']?|"
    r"\blogin[ \t]+\S+[ \t]+password[ \t]+|"
    r"(?i:\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?by[ \t]+|\bpassword[ \t]+)['\"])"
    r"([^\s\"']+)"
)
NAMED = compiled(rf"(?i)[\w.$ -]*(?:{KEYWORDS})")
NAMED_SEVERAL = compiled(rf"(?i)[\w.$ -]*(?:{KEYWORDS})s?")
