"""`chainrule schema`: what editors complete the keys of a spec by."""

from __future__ import annotations


def schema() -> None:
    """The JSON schema of a spec, by which editors complete keys."""
    import json

    from symbolic.network.schema import json_schema

    print(json.dumps(json_schema(), indent=2))
