"""A card as the Adaptive Cards Designer makes it, with much of what a card can have."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "TextBlock", "text": "Hello [FIRSTNAME|you]"}

DESIGNED: dict[str, Any] = {
    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
    "type": "AdaptiveCard",
    "version": "1.5",
    "speak": "News for [FIRSTNAME]",
    "msteams": {"width": "Full"},
    "backgroundImage": {"url": "https://example.com/b.png", "fillMode": "Cover"},
    "body": [
        {
            "type": "TextBlock",
            "size": "ExtraLarge",
            "weight": "Bolder",
            "text": "[News](https://example.com) for [FIRSTNAME]",
            "wrap": True,
            "style": "heading",
        },
        {
            "type": "ColumnSet",
            "columns": [
                {
                    "type": "Column",
                    "width": "auto",
                    "items": [
                        {
                            "type": "Image",
                            "style": "Person",
                            "url": "data:image/png;base64,AAAA",
                            "altText": "[FULLNAME]",
                            "size": "Small",
                            "selectAction": {
                                "type": "Action.OpenUrl",
                                "url": "mailto:hr@example.com?subject=[FULLNAME]",
                            },
                        }
                    ],
                },
                {"type": "Column", "width": "stretch", "items": [TEXT], "targetWidth": "wide"},
            ],
        },
        {"type": "FactSet", "id": "facts", "facts": [{"title": "In", "value": "[CITY]"}]},
        {
            "type": "Chart.Donut",
            "title": "Shares",
            "data": [{"legend": "a", "value": 1}, {"legend": "b", "value": 2}],
        },
        {"type": "Container", "style": "emphasis", "rtl": False, "items": []},
    ],
    "actions": [
        {
            "type": "Action.ToggleVisibility",
            "title": "Facts",
            "targetElements": ["facts", {"elementId": "facts", "isVisible": True}],
        },
        {
            "type": "Action.ShowCard",
            "title": "More",
            "card": {"type": "AdaptiveCard", "body": [TEXT]},
        },
        {
            "type": "Action.OpenUrl",
            "title": "Go",
            "url": "https://example.com/?u=[EMAIL|none at all]",
        },
    ],
}
