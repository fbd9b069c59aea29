"""The second and the third step of writing a campaign: its content, and the preview of it."""

from __future__ import annotations

from msgspec.structs import replace

from campaigns.campaign import Campaign
from campaigns.content import Content, Format, is_pasted
from campaigns.user import User
from cards import actions
from cards import elements as ac
from cards.authoring.fields import about_directory, built_fields, message_fields, pasted_fields
from cards.markdown import escape
from cards.message import pasted, personal
from cards.purposes import kind, titled
from cards.size import fits_field
from cards.survey_texts import questions
from cards.view import NO_ERRORS, Errors, Notice, View, button, error, link, on, text, view


def content(
    campaign: Campaign,
    written: Content,
    *,
    card: str | None = None,
    directory: bool,
    errors: Errors = NO_ERRORS,
    notice: Notice | None = None,
) -> View:
    """Step 2: what is to be sent, in the fields of the campaign's format.

    :param written: what the fields say.
    :param card: what the field for a pasted card says; None: the card that is kept.
    :param directory: whether department, job title, country and city can be known.
    """
    save = actions.SaveContent(**on(campaign))
    hint = about_directory(campaign, written, directory)
    switch: list[ac.CardAction] = []
    if is_pasted(written, campaign.format):
        shown = pasted.pretty(written.card) if card is None else card
        hidden = card is None and not fits_field(shown)
        save = replace(save, keep_card=hidden)
        fields = pasted_fields(campaign, written, "" if hidden else shown, errors, hint)
        if hidden:
            size = len(written.card) // 512
            said = f"Your card of {size:,} KB is kept; it is too long for this field."
            fields.insert(0, text(said))
        switch = [button("Build it here instead", replace(save, then="build"))]
    elif campaign.format is Format.CARD:
        save = replace(save, buttons=len(written.buttons))
        fields = built_fields(campaign, written, errors, hint, save)
        switch = [button("Paste a card instead", replace(save, then="paste"))]
    else:
        fields = message_fields(campaign, written, errors, hint)
        if campaign.format is Format.SURVEY:
            fields = [*_survey_fields(campaign, written, errors), *fields]
            if campaign.original_key is None:
                chosen = "Choose another survey" if written.survey else "Choose a survey"
                main = written.survey is None
                switch = [button(chosen, replace(save, then="surveys"), main=main)]
                if written.survey is not None:
                    switch.insert(0, button("Open the survey", replace(save, then="survey")))
    step = {Format.CARD: "Card", Format.SURVEY: "Survey"}.get(campaign.format, "Message")
    follows = campaign.original_key is not None
    return view(
        titled(campaign),
        fields,
        above=f"{kind(campaign) if follows else 'Step 2 of 4'} · {step}",
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
    """Step 3: the very card that recipients get, for this reader.

    A message can be changed below; an Adaptive Card has too many fields for that.
    """
    body: list[ac.Element] = [
        text("This is what people receive, here with your own name:", subtle=True),
        *personal.shown(campaign, reader),
    ]
    at = on(campaign)
    hint = about_directory(campaign, written, directory)
    follows = campaign.original_key is not None
    following = "Done" if follows else "Next: recipients"
    if campaign.format is Format.CARD:
        body += hint
        done = actions.OpenCampaign(**at) if follows else actions.OpenRecipients(**at)
        buttons: list[ac.CardAction] = [
            link(following, done, main=True),
            link("Change", actions.OpenContent(**at)),
            *_take_back(campaign),
            link("Save draft", actions.OpenCampaign(**at)),
            link("Back", actions.OpenContent(**at)),
        ]
    else:
        save = actions.SaveContent(**at, step="preview")
        body.append(text("Change the message and refresh, or go on.", subtle=True))
        body += message_fields(campaign, written, errors, hint)
        buttons = [
            button(following, replace(save, then="recipients"), main=True),
            button("Refresh preview", save),
            *_take_back(campaign),
            button("Save draft", replace(save, then="draft")),
            button("Back", replace(save, then="content")),
        ]
    step = kind(campaign) if follows else "Step 3 of 4"
    return view(titled(campaign), body, above=f"{step} · Preview", notice=notice, actions=buttons)


def _take_back(campaign: Campaign) -> list[ac.CardAction]:
    """While the message from the compose box can still be taken back."""
    if campaign.draft.replaced is None:
        return []
    return [link("Cancel", actions.TakeBack(**on(campaign)))]


def _waits_for_survey(campaign: Campaign, written: Content) -> bool:
    return campaign.format is Format.SURVEY and written.survey is None


def _survey_fields(campaign: Campaign, written: Content, errors: Errors) -> list[ac.Element]:
    survey = written.survey
    if survey is None:
        return [text("No survey has been chosen yet."), *error(errors, "survey")]
    said = f"Survey: **{escape(survey.name)}** ({questions(len(survey.questions))})"
    return [
        text(said),
        *error(errors, "survey"),
        text("What you write below stands above its questions; it may be empty.", subtle=True),
    ]
