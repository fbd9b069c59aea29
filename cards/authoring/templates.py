"""Templates: all of them, and the forms to save and to use one."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.drafting import NAME_LIMIT
from campaigns.templates import Template
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.paging import page_line, page_links
from cards.texts import FORMATS, when
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    campaign_fields,
    error,
    link,
    list_row,
    show_campaign,
    small_line,
    text,
    view,
)

PAGE = 6
"""Templates on a page."""


def templates(
    shown: Sequence[Template],
    *,
    page: int,
    total: int,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """Returns one page of the templates, by name."""
    body: list[ac.Element] = [_row(template, zone) for template in shown]
    if not total:
        body.append(
            text(
                "There are no templates yet. Open a campaign and press Save as template.",
                subtle=True,
            )
        )
    return view(
        "Templates",
        [*body, *page_line(page, PAGE, total)],
        notice=notice,
        actions=[
            *page_links(page, PAGE, total, lambda number: actions.OpenTemplates(page=number)),
            link("Campaigns", actions.OpenCampaigns()),
            link("Back", actions.OpenHome()),
        ],
    )


def save(campaign: Campaign, template_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Returns the form that asks for the name of a new template."""
    fields = campaign_fields(campaign)
    return view(
        "Save as template",
        [
            text("It keeps format, content and recipients. All admins can start from it."),
            ac.TextInput("name", label="Name of the template", value=name, max_length=NAME_LIMIT),
            *error(errors, "name"),
        ],
        above=escape(campaign.name),
        actions=[
            button("Save", actions.SaveTemplate(**fields, template=template_id), main=True),
            link("Back", show_campaign(campaign)),
        ],
    )


def use(template: Template, campaign_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Returns the form that asks for the name of the campaign that a template starts."""
    start = actions.UseTemplate(template=template.id, campaign=campaign_id)
    return view(
        "New campaign",
        [
            ac.TextInput(
                "name", label="Name of the new campaign", value=name, max_length=NAME_LIMIT
            ),
            *error(errors, "name"),
        ],
        above=f"From the template · {escape(template.name)}",
        actions=[
            button("Next", start, main=True),
            link("Back", actions.OpenTemplates()),
        ],
    )


def ask_delete(template: Template) -> View:
    """Returns the confirmation before a template is deleted."""
    return view(
        "Delete this template?",
        [
            text(
                f"**{escape(template.name)}** will be deleted. Campaigns that were started from it "
                "stay as they are. This can't be undone."
            )
        ],
        actions=[
            link("Yes, delete it", actions.DeleteTemplate(template=template.id), danger=True),
            link("Back", actions.OpenTemplates()),
        ],
    )


def _row(template: Template, zone: ZoneInfo) -> ac.Element:
    made = f"{FORMATS[template.format]} · saved {when(template.created_at, zone)}"
    use = actions.OpenUseTemplate(template=template.id)
    delete = actions.AskDeleteTemplate(template=template.id)
    return list_row(
        escape(template.name),
        [small_line(escape(made))],
        [
            link("Use", use, tooltip=f"Use {template.name}"),
            link("Delete", delete, tooltip=f"Delete {template.name}"),
        ],
    )
