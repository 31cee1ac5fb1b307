"""Requests made up from a service's own OpenAPI document: mostly of the right shape, each with something odd in it."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

_METHODS = ("get", "post", "put", "patch", "delete")
# Right in form for fields so named, so that requests get past the first checks and reach rules and database.
_BY_NAME: Sequence[tuple[str, Sequence[str]]] = (
    ("id_number", ("330203199003071232", "330282198512310028", "330204197202295017")),
    ("legal_representative_id", ("330203199003071232",)),
    ("uscc", ("91330200MA2A0B1C3J", "12330200419500123Q", "91330200MA2A0B1C3K")),
    ("employer_no", ("330200000000000101", "330200000000000201")),
    ("mobile", ("13805740001", "13905740002")),
    ("phone", ("13805740001", "0574-87654321")),
    ("month", ("2026-03", "2026-04", "2025-01", "2027-12")),
    ("birth_date", ("1990-03-07", "1985-12-31")),
    ("date", ("2026-03-10", "2020-01-01")),
    ("wage", ("6500.00", "0.01", "99999999.99")),
    ("id_type", ("01", "08", "16")),
    ("sex", ("1", "2")),
    ("insurance", ("310", "510", "330")),
    ("category", ("1101", "1201")),
    ("kind", ("10", "50", "insurance_certificate", "addition")),
    ("postal_code", ("315000",)),
    ("email", ("a@b.cn",)),
    ("code", ("123456", "315000", "A1B2C-3D4E5-6F7G8-9H1J2-K3L4M")),
    ("password", ("Qiantang-Chao-2026-xin", "short")),
    ("name", ("王小明", "甬江智造科技有限公司", "Ann·Lee")),
    ("address", ("宁波市海曙区中山东路1号",)),
    ("region", ("330203",)),
)
_OTHERWISE: Sequence[str] = (
    "1",
    "11",
    "01",
    "20",
    "文字",
    "2026-03",
    "20260310000000001",
    "018f0000-0000-7000-8000-0000000000aa",
)
NASTY: Sequence[Any] = (
    None, True, 0, -1, 2**31, 2**63, -(2**63) - 1, 10**40, 1.5, 1e308, [], {}, [None], {"a": {"b": []}}, "", " ", "x",
    "x" * 5000, "'; DROP TABLE people; --", "%", "_", "\\", "%' OR '1'='1", "../../etc/passwd", "<script>", "{{7*7}}",
    "\u202e",
    "\ufeff", "😀", "e\u0301", "\uff10\uff11", "٣", "NaN", "Infinity", "-0", "1e5", "2026-02-30", "9999-12-31",
    "0001-01-01", "2026-13", "0000-00", "\r\nX-Evil: 1", "\t", "\x7f", "null", "\0", "\ud800",
)  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    definition: Mapping[str, Any]
    schemas: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def documents(self, status: int) -> bool:
        """Whether the document knows this answer."""
        return any(key in self.definition["responses"] for key in (str(status), f"{status // 100}XX", "default"))


@dataclass
class Guess:
    """A request to try."""

    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """All operations of an OpenAPI document."""
    schemas = document.get("components", {}).get("schemas", {})
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield Operation(method, path, item[method], schemas)


class Guesser:
    """Makes requests up. The same seed makes the same ones."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311  nothing secret about it

    def guess(self, operation: Operation) -> Guess:
        """One request to an operation."""
        made = Guess(operation.path)
        for parameter in operation.definition.get("parameters", ()):
            name, place = parameter["name"], parameter["in"]
            value = self._value(parameter.get("schema", {}), operation.schemas, odd=0.25, name=name)
            written = str(value).encode("utf-8", "replace").decode()
            if place == "path":
                made.path = made.path.replace(f"{{{name}}}", quote(written or "x", safe=""))
            elif place == "query" and self._random.random() < 0.7:
                made.query[name] = written
            elif place == "header" and self._random.random() < 0.7:
                made.headers[name] = self._header(name)
        content = operation.definition.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            # Wide forms need few oddities: a request with ten of them never gets past the first check.
            odd = self._random.choice((0, 0, 0.01, 0.03, 0.1, 0.4))
            made.body = self._value(content["application/json"]["schema"], operation.schemas, odd=odd)
        return made

    def _header(self, name: str) -> str:
        choices = {
            "idempotency-key": [f"key-{self._random.random()}", "short", ""],
            "if-match": ['"v1"', "*", "v1", ""],
        }
        return self._random.choice(choices.get(name.lower(), ["wait=0", "x", ""]))

    def _value(self, schema: Any, schemas: Mapping[str, Any], *, odd: float, depth: int = 0, name: str = "") -> Any:
        if not isinstance(schema, Mapping) or depth > 8 or self._random.random() < odd:
            return self._random.choice(NASTY)
        if "$ref" in schema:
            return self._value(schemas[schema["$ref"].rpartition("/")[2]], schemas, odd=odd, depth=depth + 1, name=name)
        for union in ("anyOf", "oneOf", "allOf"):
            if union in schema:
                return self._value(self._random.choice(schema[union]), schemas, odd=odd, depth=depth + 1, name=name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        return self._of_type(schema, schemas, odd=odd, depth=depth, name=name)

    def _of_type(
        self, schema: Mapping[str, Any], schemas: Mapping[str, Any], *, odd: float, depth: int, name: str
    ) -> Any:
        match schema.get("type"):
            case "object":
                made = {
                    key: self._value(inner, schemas, odd=odd, depth=depth + 1, name=key)
                    for key, inner in schema.get("properties", {}).items()
                    if key in schema.get("required", ()) or self._random.random() < 0.8
                }
                if self._random.random() < odd / 2:
                    made["unknown"] = 1
                return made
            case "array":
                number = self._random.randrange(3)
                inner = schema.get("items", {})
                return [self._value(inner, schemas, odd=odd, depth=depth + 1, name=name) for _ in range(number)]
            case "integer" | "number":
                return self._random.choice((1, 2, schema.get("minimum", 0), schema.get("maximum", 20)))
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
        return self._text(schema, name)

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") == "uuid":
            return str(UUID(int=self._random.getrandbits(128), version=4))
        if schema.get("format") == "date":
            return self._random.choice(("2026-03-10", "1990-03-07", "2020-01-01"))
        known = next((values for part, values in _BY_NAME if part in name), _OTHERWISE)
        return str(self._random.choice([*schema.get("examples", ()), *known]))
