from typing import Any, cast

import msgspec
import pytest

from cards import elements as ac
from tests.support.adaptive_card_schema import assert_valid_card

# Mistakes that the type checker would refuse, made on purpose.
untyped = cast(Any, ac)
TEXT = ac.TextBlock("Not shown here.")


class Press(msgspec.Struct, tag_field="do", tag="press"):
    campaign: str


def test_only_what_was_set_is_in_the_json_under_camel_case_keys() -> None:
    block = ac.TextBlock("Hello", is_subtle=True, max_lines=2, color=None)

    assert block.to_dict() == {
        "type": "TextBlock",
        "text": "Hello",
        "isSubtle": True,
        "maxLines": 2,
    }


def test_false_and_zero_are_set() -> None:
    number = ac.NumberInput("n", value=0, is_required=False).to_dict()

    assert number["value"] == 0
    assert number["isRequired"] is False


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: untyped.TextBlock("x", weigth="bolder"), TypeError, "TextBlock .*'weigth'"),
        (lambda: untyped.TextBlock("x", weight="bold"), ValueError, "TextBlock.weight.*'bold'"),
        (lambda: untyped.TextBlock("x", wrap=1), TypeError, "TextBlock.wrap"),
        (lambda: untyped.TextBlock("x", max_lines=True), TypeError, "TextBlock.max_lines"),
        (lambda: untyped.TextBlock(), TypeError, "TextBlock needs 'text'"),
        (lambda: untyped.TextBlock("x", "y"), TypeError, "TextBlock takes 1"),
        (lambda: untyped.TextBlock("x", text="y"), TypeError, "TextBlock got 'text' twice"),
        (lambda: untyped.Container([{"type": "TextBlock"}]), TypeError, "Container.items"),
        (lambda: untyped.Container("text"), TypeError, "Container.items"),
        (lambda: untyped.DonutChart([]), TypeError, "DonutChart needs 'fallback'"),
        (lambda: untyped.AdaptiveCard([], version="1.2"), ValueError, "AdaptiveCard.version"),
    ],
)
def test_a_mistake_is_refused_by_name(build: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        build()


def test_assigning_a_property_is_checked_as_well() -> None:
    block = ac.TextBlock("x")

    with pytest.raises(ValueError, match=r"TextBlock\.size"):
        block.size = cast(Any, "huge")


def test_execute_falls_back_to_a_submit_with_the_same_look_and_data() -> None:
    button = ac.Execute("Send", data=Press("c1"), style="positive", associated_inputs="none")

    assert button.to_dict()["data"] == {"do": "press", "campaign": "c1"}
    assert button.to_dict()["fallback"] == {
        "type": "Action.Submit",
        "title": "Send",
        "style": "positive",
        "data": {"do": "press", "campaign": "c1"},
        "associatedInputs": "none",
    }


def test_a_verb_travels_in_the_data_of_the_fallback() -> None:
    button = ac.Execute("Send", verb="send", data={"id": 1}).to_dict()

    assert button["verb"] == "send"
    assert button["data"] == {"id": 1}
    assert button["fallback"]["data"] == {"verb": "send", "id": 1}


def test_to_dict_shares_nothing_with_what_it_was_made_from() -> None:
    data: dict[str, object] = {"ids": [1]}
    button = ac.Submit("Go", data=data)
    button.to_dict()["data"]["ids"].append(2)

    assert data == {"ids": [1]}


@pytest.mark.parametrize(
    "element",
    [
        ac.RichTextBlock([ac.TextRun("Bold", weight="bolder"), " and plain"]),
        ac.Image("https://example.com/a.png", alt_text="A picture", width="32px"),
        ac.ImageSet([ac.Image("https://example.com/a.png", alt_text="A picture")]),
        ac.FactSet([ac.Fact("Sent", "3")]),
        ac.Icon("Lightbulb", size="Medium", style="Filled", fallback="drop"),
        ac.Container([TEXT], style="good", bleed=True, show_border=True, rounded_corners=True),
        ac.ColumnSet([ac.Column([TEXT], width="auto"), ac.Column([TEXT], width=2)]),
        ac.ActionSet([ac.ToggleVisibility("More", target_elements=["more"])]),
        ac.Table(
            [ac.TableColumn(width=1)],
            [ac.TableRow([ac.TableCell([TEXT], style="accent")])],
            first_row_as_headers=True,
        ),
        ac.TextInput("t", label="Name", is_required=True, error_message="Name it.", max_length=9),
        ac.NumberInput("n", min=0, max=9.5),
        ac.DateInput("d", value="2026-05-01"),
        ac.TimeInput("h", value="09:30"),
        ac.ToggleInput("b", title="Yes", value="true", value_on="true", value_off="false"),
        ac.ChoiceSet("c", choices=[ac.Choice("One", "1")], style="filtered"),
        ac.RatingInput("r", max=5, fallback=ac.NumberInput("r")),
        ac.DonutChart([ac.Slice("Sent", 3, color="good")], fallback=TEXT),
        ac.VerticalBarChart([ac.Bar("Mon", 1)], x_axis_title="Day", fallback=TEXT),
        ac.GroupedVerticalBarChart(
            [ac.ChartSeries("A", [ac.Point("Mon", 1)])], stacked=True, fallback=TEXT
        ),
        ac.HorizontalBarChart([ac.Bar("A", 1)], display_mode="PartToWhole", fallback=TEXT),
        ac.StackedHorizontalBarChart([ac.Stack("A", [ac.Slice("x", 1)])], fallback=TEXT),
        ac.LineChart([ac.ChartSeries("A", [ac.Point("2026-05-01", 1)])], fallback=TEXT),
        ac.GaugeChart(3, min=0, max=9, segments=[ac.Segment("Low", 9)], fallback=TEXT),
    ],
    ids=lambda element: element.to_dict()["type"],
)
def test_every_element_fits_the_schema(element: ac.Element) -> None:
    assert_valid_card(ac.AdaptiveCard([element]).to_dict())


def test_a_card_with_all_its_parts_fits_the_schema() -> None:
    card = ac.AdaptiveCard(
        [TEXT],
        actions=[
            ac.Execute("Send", data={}, tooltip="Now", mode="secondary"),
            ac.Submit("Go", data={"x": 1}),
            ac.OpenUrl("Read", url="https://example.com"),
            ac.ShowCard("More", card=ac.AdaptiveCard([TEXT])),
        ],
        msteams=ac.FULL_WIDTH,
        refresh=ac.Refresh(ac.Execute(data={}), user_ids=["29:1"]),
        fallback_text="Update Teams.",
        speak="Hello",
        lang="en",
    ).to_dict()

    assert_valid_card(card)
    assert card["version"] == "1.5"
    assert card["msteams"] == {"width": "Full"}
