"""One campaign: what it is, and what can be done with it."""

from __future__ import annotations

from campaigns.campaign import Campaign, InDoubtPolicy, Purpose, Status
from campaigns.content import Format, is_empty
from campaigns.drafting import NAME_LIMIT
from campaigns.feedback.acknowledging import is_asked
from campaigns.readiness import missing
from campaigns.report import Counts
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.markdown import escape
from cards.message import personal
from cards.purposes import deleting, kind, status, stopping, titled
from cards.refusals.sending import incomplete
from cards.texts import FORMATS, MISSED, POLICIES, people
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, text, view

_SEND = {
    Purpose.SEND: "Send now",
    Purpose.CORRECT: "Correct it for everyone",
    Purpose.RECALL: "Recall now",
}


def campaign_card(
    campaign: Campaign, reader: User, *, audience: str, notice: Notice | None = None
) -> View:
    """A draft: what it is, to how many, and what can be done with it.

    :param audience: the audience in words, such as ``All users (12 people)``; empty when not
        chosen.
    """
    at = on(campaign)
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
        body += personal.shown(campaign, reader)
    buttons: list[ac.CardAction] = []
    if todo:
        body.append(text(incomplete(todo), subtle=True))
    else:
        buttons.append(link(_SEND[campaign.follow_up.purpose], actions.AskSend(**at), main=True))
        if campaign.original_key is None:
            buttons.append(link("Send later", actions.OpenSendLater(**at)))
    if campaign.follow_up.purpose is not Purpose.RECALL:
        if written:
            buttons.append(link("Try", actions.OpenTry(**at)))
        buttons.append(link("Modify", actions.OpenContent(**at), main=not written))
    if campaign.original_key is None:
        buttons.append(
            link(
                "Recipients",
                actions.OpenRecipients(**at),
                main=written and campaign.audience is None,
            )
        )
    if campaign.format is Format.IMPORTANT and campaign.follow_up.purpose is not Purpose.RECALL:
        title = "Don't ask for confirmation" if campaign.acknowledge else "Ask for confirmation"
        wanted = actions.AskToAcknowledge(**at, wanted=not campaign.acknowledge)
        buttons.append(
            link(title, wanted, tooltip="A button “I have read this”, counted and listed")
        )
    return view(
        titled(campaign),
        body,
        above=f"{kind(campaign)} · {status(campaign)}",
        notice=notice,
        actions=buttons,
        more=[
            *(
                [
                    link("Clone", actions.OpenClone(**at)),
                    link("Save as template", actions.OpenSaveTemplate(**at)),
                ]
                if campaign.original_key is None
                else []
            ),
            link("Delete", actions.AskDelete(**at)),
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
    """A test to one person; the test can be sent only when that person has been verified."""
    at = on(campaign)
    buttons: list[ac.CardAction] = [
        button("Verify", actions.Verify(**at), main=verified is None),
        link("Back", actions.OpenCampaign(**at)),
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
        send = actions.SendTest(**at, user=verified.id)
        buttons.insert(0, button("Send test", send, main=True))
    return view(campaign.name, body, above="Try", notice=notice, actions=buttons)


def ask_send(
    campaign: Campaign, *, audience: str, reachable: int, left_out: int, recalled: bool = False
) -> View:
    """The confirmation before everyone gets it.

    :param recalled: whether it is for newcomers, and those before them have lost it.
    """
    at = on(campaign)
    body: list[ac.Element] = [
        text(
            f"**{escape(campaign.name)}** goes to **{people(reachable)}** now ({escape(audience)})."
        )
    ]
    if campaign.status is Status.SCHEDULED:
        body.append(text("To everyone at once, in place of what was scheduled."))
    if left_out:
        body.append(
            text(
                f"{people(left_out)} on the list can't be reached by the bot and "
                f"{'is' if left_out == 1 else 'are'} left out; the report names them.",
                subtle=True,
            )
        )
    body += [
        ac.ChoiceSet(
            "in_doubt",
            label="If Teams does not say whether a message arrived",
            value=campaign.in_doubt.value,
            style="expanded",
            choices=[ac.Choice(POLICIES[policy], policy.value) for policy in InDoubtPolicy],
            wrap=True,
        ),
        text(
            "Once sending has started, the message can only be corrected or recalled afterwards, "
            "with *Follow up* in the report.",
            subtle=True,
        ),
    ]
    return view(
        f"Send to {people(reachable)}?",
        body,
        above="Send now",
        notice=Notice("This message was recalled from everyone else's chats.", "warning")
        if recalled
        else None,
        actions=[
            button(f"Yes, send to {people(reachable)}", actions.Send(**at), main=True),
            link("Back", actions.OpenCampaign(**at)),
        ],
    )


def ask_stop(campaign: Campaign, counts: Counts) -> View:
    """The confirmation before the rest is cancelled."""
    at = on(campaign)
    return view(
        f"Stop this {_what(campaign)}?",
        [
            text(
                stopping(campaign, escape(campaign.name), counts.success, counts.open)
                + " This can't be undone."
            )
        ],
        actions=[
            link("Yes, stop it", actions.Stop(**at), danger=True),
            link("Back", actions.OpenReport(**at)),
        ],
    )


def ask_resend(campaign: Campaign, counts: Counts) -> View:
    """The confirmation before what is in doubt is sent again."""
    at = on(campaign)
    number = counts.in_doubt
    return view(
        f"Send again to {people(number)}?",
        [
            text(
                "Teams did not say whether the message arrived. "
                "Whoever has it already will get it a second time."
            )
        ],
        above=escape(campaign.name),
        actions=[
            link(f"Yes, resend {number:,} in doubt", actions.Resend(**at), main=True),
            link("Back", actions.OpenReport(**at)),
        ],
    )


def ask_delete(campaign: Campaign) -> View:
    """The confirmation before a campaign is forgotten."""
    at = on(campaign)
    back = actions.OpenReport(**at) if campaign.status.has_started else actions.OpenCampaign(**at)
    return view(
        f"Delete this {_what(campaign)}?",
        [
            text(
                f"**{escape(titled(campaign))}** will be deleted. {deleting(campaign)} "
                "This can't be undone."
            )
        ],
        actions=[
            link(
                "Yes, delete it",
                actions.Delete(**at, sent=campaign.status.has_started),
                danger=True,
            ),
            link("Back", back),
        ],
    )


def _what(campaign: Campaign) -> str:
    return "campaign" if campaign.follow_up.purpose is Purpose.SEND else kind(campaign).lower()


def clone(campaign: Campaign, clone_id: str, *, name: str, errors: Errors = NO_ERRORS) -> View:
    """Asks for the clone's name."""
    at = on(campaign)
    back = actions.OpenReport(**at) if campaign.status.has_started else actions.OpenCampaign(**at)
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
            button("Clone", actions.Clone(**at, clone=clone_id), main=True),
            link("Back", back),
        ],
    )


def is_live(campaign: Campaign) -> bool:
    """Whether there is still something to see happening."""
    return campaign.status in (Status.SENDING, Status.PAUSED) or (
        campaign.status is Status.STOPPED and campaign.run.ended_at is None
    )
