"""The state of a page in the fragment of its address: base64url of zlib of JSON, which no server ever sees.

>>> state(fragment({"spec": "one_neuron", "form": "chain"}))
{'spec': 'one_neuron', 'form': 'chain'}
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from symbolic.errors import SpecError
from symbolic.words import Text

#: Browsers and mail programs cut longer addresses.
LONGEST = 6_000
#: A link may not unfold to more than this.
LARGEST = 200_000


def fragment(values: Mapping[str, Any]) -> str:
    """``s=…``, to stand behind the # of an address; ``SpecError`` when it would be too long for a link."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii").rstrip("=")
    if len(packed) > LONGEST:
        raise SpecError(
            Text(
                f"too long for a link: {len(packed)} characters, at most {LONGEST}; download it",
                f"слишком длинно для ссылки: {len(packed)} символов, а можно не больше {LONGEST}; скачайте файл",
            )
        )
    return f"s={packed}"


def state(text: str) -> Any:
    """What a fragment says; ``SpecError`` for one that is cut or changed."""
    packed = text.removeprefix("#").removeprefix("s=")
    try:
        data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(data, LARGEST)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise ValueError
        return json.loads(found)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        raise SpecError(
            Text("the link is cut or changed: copy all of it", "ссылка обрезана или изменена: скопируйте её целиком")
        ) from None
