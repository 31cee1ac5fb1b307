"""A rendering child in which a document's content may bring rules that are put behind its style sheet."""

from collections.abc import Mapping
from typing import Any

from weasyprint import CSS

from reporting.rendering import child, typesetter
from reporting.rendering.typesetter import Typeset, Typesetter
from tests.unit.reporting.facts import RULES


class _WithRules(Typesetter):
    def set(self, document: str, content: Mapping[str, Any]) -> Typeset:
        """As it is always done, with one style sheet more where the content asks for it."""
        setting = self.setting("common")
        kept = setting.styles[document]
        rules = CSS(string=self._styles[document] + content[RULES], font_config=setting.fonts)
        try:
            setting.styles[document] = rules if content[RULES] else kept
            return super().set(document, {name: value for name, value in content.items() if name != RULES})
        finally:
            setting.styles[document] = kept


if __name__ == "__main__":
    typesetter.Typesetter = _WithRules  # type: ignore[misc]  # the child asks for it by name, when it is warm
    child.main()
