"""HTTP Signature as CyberSource documents it, for clients without a library of its."""

import base64
import hashlib
import hmac
from email.utils import formatdate


def signed(
    method: str, host: str, target: str, content: str | None, *, merchant: str, key: str, secret: str
) -> dict[str, str]:
    """The headers of a request that a merchant signs.

    `secret`: as it was shown. CyberSource's libraries are given it in base64, and decode that."""
    lines = {"host": host, "date": formatdate(usegmt=True)}
    lines["request-target"] = f"{method.lower()} {target}"
    if content is not None:
        digest = hashlib.sha256(content.encode()).digest()
        lines["digest"] = f"SHA-256={base64.b64encode(digest).decode()}"
    lines["v-c-merchant-id"] = merchant
    text = "\n".join(f"{name}: {value}" for name, value in lines.items())
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    signature = base64.b64encode(mac).decode()
    headers = {name: value for name, value in lines.items() if name not in ("host", "request-target")}
    headers["signature"] = (
        f'keyid="{key}", algorithm="HmacSHA256", headers="{" ".join(lines)}", signature="{signature}"'
    )
    return headers
