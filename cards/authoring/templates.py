"""Templates: what campaigns can be started from."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from campaigns.campaign import Campaign
from campaigns.drafting import NAME_LIMIT
from campaigns.templates import Template
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.texts import FORMATS, when
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, paged, text, view

PAGE = 6


def templates(
    shown: Sequence[Template],
    *,
    page: int,
    total: int,
    zone: ZoneInfo,
    notice: Notice | None = None,
) -> View:
    """One page of them, by name."""
    body: list[ac.Element] = [_row(template, zone) for template in shown]
    if not total:
        body.append(
            text(
                "There are no templates yet. Open a campaign and press Save as template.",
                subtle=True,
            )
        )
    pages: list[ac.CardAction] = []
    if total > PAGE:
        body.append(text(paged(page, PAGE, total), subtle=True, small=True))
        if page:
            pages.append(link("Previous", actions.OpenTemplates(page=page - 1)))
        if (page + 1) * PAGE < total:
            pages.append(link("Next", actions.OpenTemplates(page=page + 1)))
    return view(
        "Templates",
        body,
        notice=notice,
        actions=[
            *pages,
            link("Campaigns", actions.OpenCampaigns()),
            link("Back", actions.OpenHome()),
        ],
    )


def save(campaign: Campaign, template_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Asks for the template's name."""
    at = on(campaign)
    back = actions.OpenReport(**at) if campaign.status.has_started else actions.OpenCampaign(**at)
    return view(
        "Save as template",
        [
            text("It keeps format, content and recipients. All admins can start from it."),
            ac.TextInput("name", label="Name of the template", value=name, max_length=NAME_LIMIT),
            *error(errors, "name"),
        ],
        above=escape(campaign.name),
        actions=[
            button("Save", actions.SaveTemplate(**at, template=template_id), main=True),
            link("Back", back),
        ],
    )


def use(template: Template, campaign_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Asks for the new campaign's name."""
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
    """The confirmation before a template is forgotten."""
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
    return ac.ColumnSet(
        [
            ac.Column(
                [
                    ac.TextBlock(escape(template.name), weight="bolder", wrap=True),
                    ac.TextBlock(
                        escape(made), is_subtle=True, size="small", spacing="none", wrap=True
                    ),
                ],
                width="stretch",
            ),
            ac.Column(
                [
                    ac.ActionSet(
                        [
                            link(
                                "Use",
                                actions.OpenUseTemplate(template=template.id),
                                tooltip=f"Use {template.name}",
                            ),
                            link(
                                "Delete",
                                actions.AskDeleteTemplate(template=template.id),
                                tooltip=f"Delete {template.name}",
                            ),
                        ]
                    )
                ],
                width="auto",
                vertical_content_alignment="center",
            ),
        ],
        separator=True,
    )
