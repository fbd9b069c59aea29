"""Teams' charts.

Each needs a fallback, which clients without charts show instead.
"""

from collections.abc import Sequence

from cards.elements.base import Element, Part, field
from cards.elements.values import BarDisplay, ChartColor, ChartColorSet, GaugeFormat


class Chart(Element):
    """Base of all charts."""

    title: str | None = None
    color_set: ChartColorSet | None = None
    fallback: Element = field()


class AxisChart(Chart):
    """Base of the charts with two axes."""

    x_axis_title: str | None = None
    y_axis_title: str | None = None
    color: ChartColor | None = None
    """Colour of data that has none of its own."""


class Slice(Part):
    """A named amount in a donut or a stacked bar."""

    legend: str = field(kw_only=False)
    value: float = field(kw_only=False)
    color: ChartColor | None = None


class Point(Part):
    """A value ``y`` at ``x``, which is a number, a label, or a day as ``YYYY-MM-DD``."""

    x: str | float = field(kw_only=False)
    y: float = field(kw_only=False)


class Bar(Part):
    """A bar of height (or length) ``y``, labelled ``x``."""

    x: str = field(kw_only=False)
    y: float = field(kw_only=False)
    color: ChartColor | None = None


class ChartSeries(Part):
    """A named series of points."""

    legend: str = field(kw_only=False)
    values: Sequence[Point] = field(kw_only=False)
    color: ChartColor | None = None


class Stack(Part):
    """One bar of a stacked chart, made of slices."""

    title: str = field(kw_only=False)
    data: Sequence[Slice] = field(kw_only=False)


class Segment(Part):
    """A stretch of a gauge's scale."""

    legend: str = field(kw_only=False)
    size: float = field(kw_only=False)
    color: ChartColor | None = None


class DonutChart(Chart, type="Chart.Donut"):
    """Shares of a whole, as a ring."""

    data: Sequence[Slice] = field(kw_only=False)


class VerticalBarChart(AxisChart, type="Chart.VerticalBar"):
    """Columns."""

    data: Sequence[Bar] = field(kw_only=False)
    show_bar_values: bool | None = None


class GroupedVerticalBarChart(AxisChart, type="Chart.VerticalBar.Grouped"):
    """Columns of several series, side by side or stacked."""

    data: Sequence[ChartSeries] = field(kw_only=False)
    stacked: bool | None = None
    show_bar_values: bool | None = None


class HorizontalBarChart(AxisChart, type="Chart.HorizontalBar"):
    """Bars."""

    data: Sequence[Bar] = field(kw_only=False)
    display_mode: BarDisplay | None = None


class StackedHorizontalBarChart(AxisChart, type="Chart.HorizontalBar.Stacked"):
    """Bars made of slices."""

    data: Sequence[Stack] = field(kw_only=False)


class LineChart(AxisChart, type="Chart.Line"):
    """Lines over time or numbers."""

    data: Sequence[ChartSeries] = field(kw_only=False)


class GaugeChart(Chart, type="Chart.Gauge"):
    """One value on a scale."""

    value: float = field(kw_only=False)
    segments: Sequence[Segment] | None = None
    min: float | None = None
    max: float | None = None
    sub_label: str | None = None
    value_format: GaugeFormat | None = None
