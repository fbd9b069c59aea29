"""The feedback in a report: reads, clicks, reactions and acknowledgements, in numbers."""

from __future__ import annotations

from campaigns.campaign import Campaign
from campaigns.feedback.acknowledging import is_asked
from campaigns.feedback.events import LinkCount
from campaigns.feedback.insight import Insight
from cards import actions
from cards import elements as ac
from cards.actions import PeopleGroup
from cards.markdown import escape
from cards.message.tracking import Link
from cards.reports.measured import Measured
from cards.reports.results import number_row, part_bar
from cards.texts import count, people, reaction, share
from cards.view import campaign_fields, link, text

_LINKS = 10
"""Most links that are shown: those with the most clicks."""

_ADDRESS = 40
"""Most characters that are shown of an address. A longer one keeps its beginning and its end."""


def feedback(
    campaign: Campaign, insight: Insight, measured: Measured, *, charts: bool
) -> list[ac.Element]:
    """Returns the feedback of those who got the message: a row for each number, then the links.

    :param charts: False leaves charts out.
    """
    engagement = insight.engagement
    got = insight.counts.success
    numbers: list[tuple[str, int, str, PeopleGroup]] = [
        ("Read", engagement.read, "at least ", "read")
    ]
    if measured.clicks and measured.personal and (measured.links or engagement.clicks):
        numbers.append(("Clicked a link", engagement.clicked, "", "clicked"))
    numbers.append(("Reacted", engagement.reacted, "", "reacted"))
    if is_asked(campaign):
        numbers.append(("Confirmed", engagement.acknowledged, "", "acknowledged"))
    lines: list[ac.Element] = [_heading("What came back")]
    if insight.answered is not None:
        lines.append(number_row("Answered", f"{insight.answered:,}", []))
    for label, number, least, group in numbers:
        named = number and not campaign.hides_names
        named = named and (measured.personal or group == "acknowledged")
        shown = [_show(campaign, group, label)] if named else []
        lines.append(number_row(label, f"{least}{number:,} ({share(number, got)})", shown))
        lines += part_bar(number, got)
    if is_asked(campaign) and got > engagement.acknowledged:
        waiting = got - engagement.acknowledged
        lines.append(
            number_row(
                "Not confirmed yet",
                f"{waiting:,} ({share(waiting, got)})",
                [] if campaign.hides_names else [_show(campaign, "waiting", "Not confirmed yet")],
            )
        )
    if engagement.reactions:
        kinds = sorted(engagement.reactions.items(), key=lambda item: (-item[1], item[0]))
        lines.append(text(" · ".join(f"{reaction(kind)} {number:,}" for kind, number in kinds)))
    return [*lines, *_clicks(campaign, insight, measured, charts=charts)]


def _clicks(
    campaign: Campaign, insight: Insight, measured: Measured, *, charts: bool
) -> list[ac.Element]:
    engagement = insight.engagement
    if not measured.clicks:
        return [text("Clicks are not measured: the bot has no public address.", subtle=True)]
    known = {link.id: link for link in measured.links}
    gone = [link for link in engagement.links if link not in known]
    if not known and not gone:
        return []
    every = [(link.id, engagement.links.get(link.id, LinkCount())) for link in measured.links]
    every += [(link, engagement.links[link]) for link in gone]
    every.sort(key=lambda item: -item[1].clicks)
    lines: list[ac.Element] = [_heading("Clicks per link")]
    if charts and len(every) > 1 and engagement.clicks:
        lines.append(
            ac.HorizontalBarChart(
                [ac.Bar(_short(known.get(link)), number.clicks) for link, number in every[:_LINKS]],
                display_mode="PartToWhole",
                color="categoricalTeal",
                fallback=text(count(engagement.clicks, "click", "clicks") + " in all", subtle=True),
            )
        )
    for link_id, number in every[:_LINKS]:
        name = _short(known.get(link_id))
        shown = []
        if number.people and measured.personal and not campaign.hides_names:
            shown = [_show(campaign, "clicked", name, link_id)]
        lines.append(
            number_row(
                escape(name),
                count(number.clicks, "click", "clicks"),
                shown,
                below=(
                    escape(_cut(known[link_id].address)) if link_id in known else "",
                    people(number.people) if measured.personal else "",
                ),
            )
        )
    if len(every) > _LINKS:
        lines.append(text(f"And {len(every) - _LINKS:,} more with fewer clicks.", subtle=True))
    if not measured.personal:
        lines.append(text("Who clicked is not recorded here.", subtle=True, small=True))
    if engagement.previews:
        visits = count(engagement.previews, "visit", "visits")
        lines.append(
            text(f"Not counted: {visits} of link scanners and previews.", subtle=True, small=True)
        )
    return lines


def _show(campaign: Campaign, group: PeopleGroup, label: str, link_id: str = "") -> ac.CardAction:
    opened = actions.OpenPeople(**campaign_fields(campaign), group=group, link=link_id)
    return link("Show", opened, tooltip=f"Show these people: {label.lower()}")


def _heading(words: str) -> ac.Element:
    return ac.TextBlock(words, weight="bolder", spacing="large", wrap=True)


def _short(tracked: Link | None) -> str:
    return (
        "A link that was changed since"
        if tracked is None
        else _cut(tracked.label or tracked.address)
    )


def _cut(address: str) -> str:
    bare = address.partition("://")[2] or address
    half = _ADDRESS // 2 - 1
    return bare if len(bare) <= _ADDRESS else f"{bare[:half]}…{bare[-half:]}"
