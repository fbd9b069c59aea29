"""The second and the third step of writing a campaign: content and preview."""

from __future__ import annotations

from msgspec.structs import replace

from campaigns.campaign import Campaign
from campaigns.content import Content, Format, is_pasted
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.authoring.fields import built_fields, directory_warning, message_fields, pasted_fields
from cards.markdown import escape
from cards.message import pasted, personal
from cards.purpose_texts import campaign_kind, campaign_title
from cards.size import fits_field
from cards.survey_texts import questions
from cards.view import (
    NO_ERRORS,
    Errors,
    Notice,
    View,
    button,
    campaign_fields,
    error,
    link,
    text,
    view,
)


def content(
    campaign: Campaign,
    written: Content,
    *,
    card: str | None = None,
    directory: bool,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns step 2: the content, in the fields of the campaign's format.

    :param written: the content to show in the fields.
    :param card: the text to show in the field for a pasted card; None shows the saved card.
    :param directory: True when the bot can read the directory, where department, job title, country
        and city come from.
    """
    save = actions.SaveContent(**campaign_fields(campaign))
    hint = directory_warning(campaign, written, directory)
    switch: list[ac.CardAction] = []
    if is_pasted(written, campaign.format):
        shown = pasted.pretty(written.card) if card is None else card
        hidden = card is None and not fits_field(shown)
        save = replace(save, keep_card=hidden)
        body = pasted_fields(campaign, written, "" if hidden else shown, errors, hint)
        if hidden:
            size = len(written.card) // 512
            sentence = f"Your card of {size:,} KB is kept; it is too long for this field."
            body.insert(0, text(sentence))
        switch = [button("Build it here instead", replace(save, then="build"))]
    elif campaign.format is Format.CARD:
        save = replace(save, buttons=len(written.buttons))
        body = built_fields(campaign, written, errors, hint, save)
        switch = [button("Paste a card instead", replace(save, then="paste"))]
    else:
        body = message_fields(campaign, written, errors, hint)
        if campaign.format is Format.SURVEY:
            body = [*_chosen_survey(campaign, written, errors), *body]
            if campaign.original_key is None:
                chosen = "Choose another survey" if written.survey else "Choose a survey"
                main = written.survey is None
                switch = [button(chosen, replace(save, then="surveys"), main=main)]
                if written.survey is not None:
                    switch.insert(0, button("Open the survey", replace(save, then="survey")))
    step = {Format.CARD: "Card", Format.SURVEY: "Survey"}.get(campaign.format, "Message")
    follows = campaign.original_key is not None
    return view(
        campaign_title(campaign),
        body,
        above=f"{campaign_kind(campaign) if follows else 'Step 2 of 4'} · {step}",
        notice=notice,
        actions=[
            button("Next: preview", save, main=not _waits_for_survey(campaign, written)),
            *switch,
            *_take_back(campaign),
            button("Save draft", replace(save, then="draft")),
            button("Back", replace(save, then="basics")),
        ],
    )


def preview(
    campaign: Campaign,
    reader: User,
    written: Content,
    *,
    directory: bool,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Returns step 3: the card that recipients get, with this reader's own values.

    A message can be changed below the preview. An Adaptive Card has too many fields for that.

    :param written: the content to show in the fields.
    :param directory: True when the bot can read the directory.
    """
    body: list[ac.Element] = [
        text("This is what people receive, here with your own name:", subtle=True),
        *personal.preview(campaign, reader),
    ]
    fields = campaign_fields(campaign)
    hint = directory_warning(campaign, written, directory)
    follows = campaign.original_key is not None
    following = "Done" if follows else "Next: recipients"
    if campaign.format is Format.CARD:
        body += hint
        done = actions.OpenCampaign(**fields) if follows else actions.OpenRecipients(**fields)
        buttons: list[ac.CardAction] = [
            link(following, done, main=True),
            link("Change", actions.OpenContent(**fields)),
            *_take_back(campaign),
            link("Save draft", actions.OpenCampaign(**fields)),
            link("Back", actions.OpenContent(**fields)),
        ]
    else:
        save = actions.SaveContent(**fields, step="preview")
        body.append(text("Change the message and refresh, or go on.", subtle=True))
        body += message_fields(campaign, written, errors, hint)
        buttons = [
            button(following, replace(save, then="recipients"), main=True),
            button("Refresh preview", save),
            *_take_back(campaign),
            button("Save draft", replace(save, then="draft")),
            button("Back", replace(save, then="content")),
        ]
    step = campaign_kind(campaign) if follows else "Step 3 of 4"
    return view(
        campaign_title(campaign), body, above=f"{step} · Preview", notice=notice, actions=buttons
    )


def _take_back(campaign: Campaign) -> list[ac.CardAction]:
    """Returns the button that takes back a message from the compose box; nothing without one."""
    if campaign.draft.replaced is None:
        return []
    return [link("Cancel", actions.TakeBack(**campaign_fields(campaign)))]


def _waits_for_survey(campaign: Campaign, written: Content) -> bool:
    return campaign.format is Format.SURVEY and written.survey is None


def _chosen_survey(campaign: Campaign, written: Content, errors: Errors) -> list[ac.Element]:
    survey = written.survey
    if survey is None:
        return [text("No survey has been chosen yet."), *error(errors, "survey")]
    sentence = f"Survey: **{escape(survey.name)}** ({questions(len(survey.questions))})"
    return [
        text(sentence),
        *error(errors, "survey"),
        text("What you write below stands above its questions; it may be empty.", subtle=True),
    ]
