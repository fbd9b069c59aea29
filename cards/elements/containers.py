"""Elements that hold others: containers, columns, rows of buttons, tables."""

from collections.abc import Sequence

from cards.elements.actions import CardAction
from cards.elements.base import Element, Part, field
from cards.elements.values import Alignment, ContainerStyle, VerticalAlignment


class Container(Element, type="Container"):
    """Elements one below the other, with a background of their own when ``style`` is set."""

    items: Sequence[Element] = field(kw_only=False)
    style: ContainerStyle | None = None
    bleed: bool | None = None
    """True extends the background to the card's edge."""

    min_height: str | None = None
    vertical_content_alignment: VerticalAlignment | None = None
    select_action: CardAction | None = None
    rounded_corners: bool | None = None
    """Teams only: rounds the corners of the background."""

    show_border: bool | None = None
    """Teams only: draws a thin border in the style's colour."""

    rtl: bool | None = None


class Column(Element, type="Column"):
    """A column of a ``ColumnSet``."""

    items: Sequence[Element] = field(kw_only=False)
    width: str | int | None = None
    """``"auto"``, ``"stretch"``, pixels (``"50px"``) or a weight (2)."""

    style: ContainerStyle | None = None
    bleed: bool | None = None
    min_height: str | None = None
    vertical_content_alignment: VerticalAlignment | None = None
    select_action: CardAction | None = None


class ColumnSet(Element, type="ColumnSet"):
    """Columns side by side."""

    columns: Sequence[Column] = field(kw_only=False)
    style: ContainerStyle | None = None
    bleed: bool | None = None
    horizontal_alignment: Alignment | None = None
    select_action: CardAction | None = None


class ActionSet(Element, type="ActionSet"):
    """A row of buttons inside a card's body."""

    actions: Sequence[CardAction] = field(kw_only=False)
    horizontal_alignment: Alignment | None = None


class TableCell(Part, type="TableCell"):
    """A cell of a table, with any elements in it."""

    items: Sequence[Element] = field(kw_only=False)
    style: ContainerStyle | None = None
    vertical_content_alignment: VerticalAlignment | None = None
    select_action: CardAction | None = None


class TableRow(Part, type="TableRow"):
    """A row of a table."""

    cells: Sequence[TableCell] = field(kw_only=False)
    style: ContainerStyle | None = None


class TableColumn(Part):
    """The width of a table's column, and the alignment of its cells."""

    width: str | int | None = None
    """A weight (2) or pixels (``"50px"``)."""

    horizontal_cell_content_alignment: Alignment | None = None
    vertical_cell_content_alignment: VerticalAlignment | None = None


class Table(Element, type="Table"):
    """Rows of cells."""

    columns: Sequence[TableColumn] = field(kw_only=False)
    rows: Sequence[TableRow] = field(kw_only=False)
    first_row_as_headers: bool | None = None
    show_grid_lines: bool | None = None
    grid_style: ContainerStyle | None = None
