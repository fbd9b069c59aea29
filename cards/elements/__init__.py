"""The vocabulary of Adaptive Cards: typed, strict, in snake_case.

``to_dict()`` returns the JSON. Code reads best with the package under a short name::

    from cards import elements as ac

    ac.AdaptiveCard([ac.TextBlock("Hello", wrap=True)]).to_dict()
"""

from cards.elements.actions import (
    CardAction,
    Execute,
    OpenUrl,
    Submit,
    ToggleVisibility,
)
from cards.elements.base import (
    Element,
    Given,
    Json,
    Part,
)
from cards.elements.card import (
    FULL_WIDTH,
    AdaptiveCard,
    Refresh,
    ShowCard,
    TeamsSettings,
)
from cards.elements.charts import (
    Bar,
    ChartSeries,
    DonutChart,
    GaugeChart,
    GroupedVerticalBarChart,
    HorizontalBarChart,
    LineChart,
    Point,
    Segment,
    Slice,
    Stack,
    StackedHorizontalBarChart,
    VerticalBarChart,
)
from cards.elements.containers import (
    ActionSet,
    Column,
    ColumnSet,
    Container,
    Table,
    TableCell,
    TableColumn,
    TableRow,
)
from cards.elements.inputs import (
    Choice,
    ChoiceSet,
    DateInput,
    NumberInput,
    RatingInput,
    TextInput,
    TimeInput,
    ToggleInput,
)
from cards.elements.text import (
    Fact,
    FactSet,
    Icon,
    Image,
    ImageSet,
    RichTextBlock,
    TextBlock,
    TextRun,
)

__all__ = [
    "FULL_WIDTH",
    "ActionSet",
    "AdaptiveCard",
    "Bar",
    "CardAction",
    "ChartSeries",
    "Choice",
    "ChoiceSet",
    "Column",
    "ColumnSet",
    "Container",
    "DateInput",
    "DonutChart",
    "Element",
    "Execute",
    "Fact",
    "FactSet",
    "GaugeChart",
    "Given",
    "GroupedVerticalBarChart",
    "HorizontalBarChart",
    "Icon",
    "Image",
    "ImageSet",
    "Json",
    "LineChart",
    "NumberInput",
    "OpenUrl",
    "Part",
    "Point",
    "RatingInput",
    "Refresh",
    "RichTextBlock",
    "Segment",
    "ShowCard",
    "Slice",
    "Stack",
    "StackedHorizontalBarChart",
    "Submit",
    "Table",
    "TableCell",
    "TableColumn",
    "TableRow",
    "TeamsSettings",
    "TextBlock",
    "TextInput",
    "TextRun",
    "TimeInput",
    "ToggleInput",
    "ToggleVisibility",
    "VerticalBarChart",
]
