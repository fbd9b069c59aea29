"""The card of a draft, the form for a test, and the form for a clone."""

from __future__ import annotations

from campaigns.campaign import Campaign, Purpose, Status
from campaigns.content import Format, is_empty
from campaigns.drafting import NAME_LIMIT
from campaigns.feedback.acknowledging import is_asked
from campaigns.readiness import missing
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message import personal
from cards.purpose_texts import campaign_kind, campaign_status, campaign_title
from cards.refusals.sending import incomplete
from cards.texts import FORMATS, MISSED
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    campaign_fields,
    error,
    link,
    show_campaign,
    text,
    view,
)

_SEND = {
    Purpose.SEND: "Send now",
    Purpose.CORRECT: "Correct it for everyone",
    Purpose.RECALL: "Recall now",
}


def campaign_card(
    campaign: Campaign, reader: User, *, audience: str, notice: Notice | None = None
) -> View:
    """Returns the card of a draft: its facts, its preview, and buttons for the next steps.

    :param audience: the audience in words, such as ``All users (12 people)``; empty when not
        chosen.
    """
    fields = campaign_fields(campaign)
    todo = missing(campaign)
    if notice is None and campaign.draft.missed is not None:
        notice = Notice(f"**Not sent.** {MISSED[campaign.draft.missed]}", "attention")
    body: list[ac.Element] = [
        ac.FactSet(
            [
                ac.Fact("Format", FORMATS[campaign.format]),
                ac.Fact("Recipients", escape(audience) or "not chosen yet"),
                *_confirmation(campaign),
            ]
        )
    ]
    written = not is_empty(campaign.content, campaign.format)
    if written:
        body += personal.preview(campaign, reader)
    buttons: list[ac.CardAction] = []
    if todo:
        body.append(text(incomplete(todo), subtle=True))
    else:
        buttons.append(
            link(_SEND[campaign.follow_up.purpose], actions.AskSend(**fields), main=True)
        )
        if campaign.original_key is None:
            buttons.append(link("Send later", actions.OpenSendLater(**fields)))
    if campaign.follow_up.purpose is not Purpose.RECALL:
        if written:
            buttons.append(link("Try", actions.OpenTry(**fields)))
        buttons.append(link("Modify", actions.OpenContent(**fields), main=not written))
    if campaign.original_key is None:
        buttons.append(
            link(
                "Recipients",
                actions.OpenRecipients(**fields),
                main=written and campaign.audience is None,
            )
        )
    if campaign.format is Format.IMPORTANT and campaign.follow_up.purpose is not Purpose.RECALL:
        title = "Don't ask for confirmation" if campaign.acknowledge else "Ask for confirmation"
        wanted = actions.AskToAcknowledge(**fields, wanted=not campaign.acknowledge)
        buttons.append(
            link(title, wanted, tooltip="A button “I have read this”, counted and listed")
        )
    return view(
        campaign_title(campaign),
        body,
        above=f"{campaign_kind(campaign)} · {campaign_status(campaign)}",
        notice=notice,
        actions=buttons,
        more=[
            *(
                [
                    link("Clone", actions.OpenClone(**fields)),
                    link("Save as template", actions.OpenSaveTemplate(**fields)),
                ]
                if campaign.original_key is None
                else []
            ),
            link("Delete", actions.AskDelete(**fields)),
            link("Back", actions.OpenCampaigns()),
        ],
    )


def _confirmation(campaign: Campaign) -> list[ac.Fact]:
    if campaign.format is not Format.IMPORTANT:
        return []
    asked = "asked for: “I have read this”" if is_asked(campaign) else "not asked for"
    return [ac.Fact("Confirmation", asked)]


def try_out(
    campaign: Campaign,
    *,
    email: str = "",
    verified: User | None = None,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns the form for a try: a test to one person.

    :param verified: the person whose address has been verified; None before that. Only then can the
        test be sent.
    """
    fields = campaign_fields(campaign)
    buttons: list[ac.CardAction] = [
        button("Verify", actions.Verify(**fields), main=verified is None),
        link("Back", actions.OpenCampaign(**fields)),
    ]
    body: list[ac.Element] = [
        text("Send a test to one person before everyone gets it. It is marked as a test."),
        ac.TextInput(
            "email",
            label="E-mail",
            value=email or None,
            style="email",
            placeholder="name@example.com",
            max_length=320,
        ),
        *error(errors, "email"),
    ]
    if verified is not None:
        body.append(text(f"✓ {escape(verified.full_name)} has the app and can get the test."))
        send = actions.SendTest(**fields, user=verified.id)
        buttons.insert(0, button("Send test", send, main=True))
    return view(campaign.name, body, above="Try", notice=notice, actions=buttons)


def clone(campaign: Campaign, clone_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Returns the form that asks for the name of a clone."""
    fields = campaign_fields(campaign)
    return view(
        "Clone this campaign",
        [
            text("The new draft has the same format, content and recipients, and no results."),
            ac.TextInput(
                "name", label="Name of the new campaign", value=name, max_length=NAME_LIMIT
            ),
            *error(errors, "name"),
        ],
        above=escape(campaign.name),
        actions=[
            button("Clone", actions.Clone(**fields, clone=clone_id), main=True),
            link("Back", show_campaign(campaign)),
        ],
    )


def is_live(campaign: Campaign) -> bool:
    """Returns True while deliveries of the campaign may still change."""
    return campaign.status in (Status.SENDING, Status.PAUSED) or (
        campaign.status is Status.STOPPED and campaign.run.ended_at is None
    )
