"""The words that are allowed in properties of Adaptive Cards, spelled as in the 1.5 schema."""

from typing import Literal, TypeAlias

ActionMode: TypeAlias = Literal["primary", "secondary"]
ActionStyle: TypeAlias = Literal["default", "positive", "destructive"]
Alignment: TypeAlias = Literal["left", "center", "right"]
AssociatedInputs: TypeAlias = Literal["auto", "none"]
BlockHeight: TypeAlias = Literal["auto", "stretch"]
ChoiceStyle: TypeAlias = Literal["compact", "expanded", "filtered"]
Color: TypeAlias = Literal["default", "dark", "light", "accent", "good", "warning", "attention"]
ContainerStyle: TypeAlias = Literal["default", "emphasis", "accent", "good", "attention", "warning"]
FontSize: TypeAlias = Literal["small", "default", "medium", "large", "extraLarge"]
FontType: TypeAlias = Literal["default", "monospace"]
FontWeight: TypeAlias = Literal["lighter", "default", "bolder"]
ImageSize: TypeAlias = Literal["auto", "stretch", "small", "medium", "large"]
ImageStyle: TypeAlias = Literal["default", "person"]
Spacing: TypeAlias = Literal["none", "small", "default", "medium", "large", "extraLarge", "padding"]
TextInputStyle: TypeAlias = Literal["text", "tel", "url", "email", "password"]
TextStyle: TypeAlias = Literal["default", "heading"]
VerticalAlignment: TypeAlias = Literal["top", "center", "bottom"]

# Teams' additions, spelled as in Microsoft's own card library.

IconSize: TypeAlias = Literal[
    "xxSmall", "xSmall", "Small", "Standard", "Medium", "Large", "xLarge", "xxLarge"
]
IconStyle: TypeAlias = Literal["Regular", "Filled"]
RatingColor: TypeAlias = Literal["Neutral", "Marigold"]
RatingSize: TypeAlias = Literal["Medium", "Large"]
TargetWidth: TypeAlias = Literal[
    "veryNarrow", "narrow", "standard", "wide",
    "atLeast:narrow", "atLeast:standard", "atLeast:wide",
    "atMost:veryNarrow", "atMost:narrow", "atMost:standard",
]  # fmt: skip
ChartColor: TypeAlias = Literal[
    "good", "warning", "attention", "neutral",
    "categoricalRed", "categoricalPurple", "categoricalLavender", "categoricalBlue",
    "categoricalLightBlue", "categoricalTeal", "categoricalGreen", "categoricalLime",
    "categoricalMarigold",
]  # fmt: skip
"""Colours that keep their meaning in light, dark and high-contrast themes."""

ChartColorSet: TypeAlias = Literal["categorical", "sequential", "diverging"]
BarDisplay: TypeAlias = Literal["AbsoluteWithAxis", "AbsoluteNoAxis", "PartToWhole"]
GaugeFormat: TypeAlias = Literal["Percentage", "Fraction"]
