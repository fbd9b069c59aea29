"""What can be pressed: one typed action per button, decoded and validated in one place.

A button carries its action as a flat JSON object tagged by ``do``; the client adds the card's
inputs beside the action's own fields. Whatever comes back is data from outside: nothing in it is
trusted but the shape that :func:`decode` has checked. Rights are checked at the router, not by
hiding buttons.

Actions on a campaign carry the revision that their card was made from. A campaign or list that does
not exist yet is named by an id that its form was made with, so that pressing twice creates once.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

DATA_LIMIT = 900 * 1024
"""Bytes of JSON; a distribution list of 10,000 pasted addresses with their names fits."""

Key = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{1,64}\Z")]
"""The id of a campaign or list. Forms make theirs up, so one that comes back may become a row's."""

KeyOrNone = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,64}\Z")]
"""Empty: none."""

Revision = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]
UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Text = Annotated[str, msgspec.Meta(max_length=40_000)]
"""What was typed; the limits that people are told of are checked in the domain."""

Line = Text
Number = Line | float
"""What a field for numbers sends: what was typed, or what stood in it, by client."""

Pasted = Annotated[str, msgspec.Meta(max_length=DATA_LIMIT)]
PageNumber = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class NotAnAction(Exception):
    """What was pressed is not an action of ours: unknown, malformed, or too big."""


class TooMuch(NotAnAction):
    """It has more text than any card of ours can need."""


class Action(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", omit_defaults=True):
    """Base of all actions."""


class OnCampaign(Action, frozen=True, kw_only=True):
    """Base of the actions on one campaign."""

    campaign: Key
    revision: Revision
    """Of the campaign that the card showed."""


# --- finding one's way


class OpenHome(Action, frozen=True, kw_only=True, tag="home"): ...


class OpenHelp(Action, frozen=True, kw_only=True, tag="help"): ...


Shelf = Literal["drafts", "scheduled", "sending", "completed"]


class OpenCampaigns(Action, frozen=True, kw_only=True, tag="campaigns"):
    shelf: Shelf = "drafts"
    page: PageNumber = 0


class OpenCampaign(OnCampaign, frozen=True, kw_only=True, tag="campaign"): ...


# --- authoring, step by step


class OpenNewCampaign(Action, frozen=True, kw_only=True, tag="new campaign"): ...


class CreateCampaign(Action, frozen=True, kw_only=True, tag="create campaign"):
    """Step 1 of a campaign that does not exist yet."""

    campaign: Key
    name: Line = ""
    format: Line = ""


class OpenBasics(OnCampaign, frozen=True, kw_only=True, tag="basics"): ...


class SaveBasics(OnCampaign, frozen=True, kw_only=True, tag="save basics"):
    name: Line = ""
    format: Line = ""
    then: Literal["next", "draft", "back"] = "next"


class OpenContent(OnCampaign, frozen=True, kw_only=True, tag="content"): ...


class SaveContent(OnCampaign, frozen=True, kw_only=True, tag="save content"):
    """What was typed of a campaign's content; a card shows the fields of one format."""

    message: Text = ""
    notification: Line = ""
    title: Line = ""
    image: Line = ""
    alt: Line = ""
    button_1: Line = ""
    link_1: Line = ""
    button_2: Line = ""
    link_2: Line = ""
    button_3: Line = ""
    link_3: Line = ""
    button_4: Line = ""
    link_4: Line = ""
    button_5: Line = ""
    link_5: Line = ""
    button_6: Line = ""
    link_6: Line = ""
    buttons: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    """How many of them the card had fields for."""

    card: Pasted = ""
    """A pasted card's JSON."""

    keep_card: bool = False
    """The card that is kept did not fit into the field; an empty field leaves it."""

    then: Literal[
        "preview", "recipients", "draft", "basics", "content", "build", "paste", "surveys", "survey"
    ] = "preview"
    move: Literal["", "add", "up", "down", "remove"] = ""
    """Before showing it again: what happens to button number ``at``."""

    at: Annotated[int, msgspec.Meta(ge=0, le=6)] = 0
    step: Literal["content", "preview"] = "content"
    """The card on which it was typed, to come back to when it can't be taken."""

    def button(self, number: int) -> tuple[str, str]:
        """Text and address of a button, counted from 1."""
        return getattr(self, f"button_{number}"), getattr(self, f"link_{number}")


class TakeBack(OnCampaign, frozen=True, kw_only=True, tag="take back"):
    """The message as it was before the one from the compose box."""


class OpenPreview(OnCampaign, frozen=True, kw_only=True, tag="preview"): ...


class OpenRecipients(OnCampaign, frozen=True, kw_only=True, tag="recipients"):
    page: PageNumber = 0
    """Of the distribution lists to choose from."""


class SaveRecipients(OnCampaign, frozen=True, kw_only=True, tag="save recipients"):
    audience: Line = ""
    """``all``, ``new``, or the id of a distribution list after ``list:``."""

    then: Literal["next", "draft", "back"] = "next"


# --- what can be done with a campaign


class OpenTry(OnCampaign, frozen=True, kw_only=True, tag="try"): ...


class Verify(OnCampaign, frozen=True, kw_only=True, tag="verify"):
    email: Line = ""


class SendTest(OnCampaign, frozen=True, kw_only=True, tag="send test"):
    user: UserId
    """Who was verified."""
    email: Line = ""
    """What the field says now."""


class AskSend(OnCampaign, frozen=True, kw_only=True, tag="ask send"): ...


class Send(OnCampaign, frozen=True, kw_only=True, tag="send"):
    in_doubt: Literal["ask", "resend"] = "ask"


class OpenSendLater(OnCampaign, frozen=True, kw_only=True, tag="send later"): ...


class ScheduleForm(OnCampaign, frozen=True, kw_only=True):
    """What the forms of a schedule have in common."""

    rule: Line = "whenever"
    fallback: Line = "send"
    night: Line = "false"
    """``true``: nobody's night is disturbed."""
    known: Line = ""
    """The warnings that the card showed: what is pressed then is meant."""


class SendLater(ScheduleForm, frozen=True, kw_only=True, tag="schedule"):
    day: Line = ""
    time: Line = ""


class OpenSendOverDays(OnCampaign, frozen=True, kw_only=True, tag="send over days"): ...


class SendOverDays(ScheduleForm, frozen=True, kw_only=True, tag="schedule over days"):
    first_day: Line = ""
    days: Number = ""
    opens: Line = ""
    closes: Line = ""
    weekdays: Line = ""
    """Numbers joined by commas; 0 is Monday."""
    country: Line = ""
    zone: Line = ""
    """``own`` for each recipient's own, or else the organisation's."""


class OpenRepeat(OnCampaign, frozen=True, kw_only=True, tag="repeat"):
    every: Literal["week", "month"] = "week"


class Repeat(ScheduleForm, frozen=True, kw_only=True, tag="schedule repeatedly"):
    every: Literal["week", "month"] = "week"
    weekdays: Line = ""
    month_days: Line = ""
    time: Line = ""
    until: Line = ""
    times: Number = ""


class AskUnschedule(OnCampaign, frozen=True, kw_only=True, tag="ask unschedule"): ...


class Unschedule(OnCampaign, frozen=True, kw_only=True, tag="unschedule"):
    then: Literal["", "modify"] = ""


class Pause(OnCampaign, frozen=True, kw_only=True, tag="pause"): ...


class Resume(OnCampaign, frozen=True, kw_only=True, tag="resume"): ...


class AskStop(OnCampaign, frozen=True, kw_only=True, tag="ask stop"): ...


class Stop(OnCampaign, frozen=True, kw_only=True, tag="stop"): ...


class AskResend(OnCampaign, frozen=True, kw_only=True, tag="ask resend"): ...


class Resend(OnCampaign, frozen=True, kw_only=True, tag="resend"):
    """Sends again what is in doubt."""


class OpenClone(OnCampaign, frozen=True, kw_only=True, tag="clone"): ...


class Clone(OnCampaign, frozen=True, kw_only=True, tag="create clone"):
    clone: Key
    name: Line = ""


class AskDelete(OnCampaign, frozen=True, kw_only=True, tag="ask delete"): ...


class Delete(OnCampaign, frozen=True, kw_only=True, tag="delete"):
    sent: bool = False
    """What the confirmation said: deleting a draft must not delete the report it became."""


class OpenFollowUp(OnCampaign, frozen=True, kw_only=True, tag="follow up"): ...


class Correct(OnCampaign, frozen=True, kw_only=True, tag="correct"):
    follower: Key
    """The correction that this begins."""


class AskRecall(OnCampaign, frozen=True, kw_only=True, tag="ask recall"): ...


class Recall(OnCampaign, frozen=True, kw_only=True, tag="recall"):
    follower: Key


class SendToNewcomers(OnCampaign, frozen=True, kw_only=True, tag="send to newcomers"):
    follower: Key
    anyway: bool = False
    """Whether it was said that a message that was recalled is to be sent all the same."""


class OpenInformation(OnCampaign, frozen=True, kw_only=True, tag="information"):
    as_sent: bool = False
    """Whether the message is shown as it was sent first, in place of what people have now."""


class OpenReport(OnCampaign, frozen=True, kw_only=True, tag="report"): ...


class OpenResult(OnCampaign, frozen=True, kw_only=True, tag="result"):
    """The recipients of one result."""

    result: Literal[
        "success", "error", "rescheduled", "ongoing", "in_doubt", "skipped", "cancelled"
    ]
    page: PageNumber = 0
    search: Line = ""


Who = Literal["read", "clicked", "reacted", "acknowledged", "waiting"]
"""``waiting``: was asked to acknowledge, and has not."""

LinkId = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_-]{0,16}\Z")]
"""Empty: any."""


class OpenPeople(OnCampaign, frozen=True, kw_only=True, tag="people"):
    """Those who did something with the message."""

    who: Who
    link: LinkId = ""
    page: PageNumber = 0
    search: Line = ""


class OpenExport(OnCampaign, frozen=True, kw_only=True, tag="export"): ...


class AskToAcknowledge(OnCampaign, frozen=True, kw_only=True, tag="ask to acknowledge"):
    wanted: bool = False


class Remind(OnCampaign, frozen=True, kw_only=True, tag="remind"):
    """Writes a reminder to those who have not acknowledged."""

    reminder: Key
    """The draft's id."""


class Acknowledge(Action, frozen=True, kw_only=True, tag="acknowledge"):
    """Stands on a recipient's card, for good: what is added needs a default."""

    campaign: Key


# --- templates


class OpenTemplates(Action, frozen=True, kw_only=True, tag="templates"):
    page: PageNumber = 0


class OpenSaveTemplate(OnCampaign, frozen=True, kw_only=True, tag="save as template"): ...


class SaveTemplate(OnCampaign, frozen=True, kw_only=True, tag="save template"):
    template: Key
    name: Line = ""


class OpenUseTemplate(Action, frozen=True, kw_only=True, tag="use template"):
    template: Key


class UseTemplate(Action, frozen=True, kw_only=True, tag="create from template"):
    template: Key
    campaign: Key
    name: Line = ""


class AskDeleteTemplate(Action, frozen=True, kw_only=True, tag="ask delete template"):
    template: Key


class DeleteTemplate(Action, frozen=True, kw_only=True, tag="delete template"):
    template: Key


# --- distribution lists


class OpenLists(Action, frozen=True, kw_only=True, tag="lists"):
    page: PageNumber = 0


class OnList(Action, frozen=True, kw_only=True):
    """Base of the actions on one list, from the lists or, with ``campaign``, from its
    recipients.
    """

    list: Key
    revision: Revision = 0
    """0: the list does not exist yet."""

    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenNewList(Action, frozen=True, kw_only=True, tag="new list"):
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenList(OnList, frozen=True, kw_only=True, tag="list"):
    page: PageNumber = 0


class EditList(OnList, frozen=True, kw_only=True, tag="edit list"): ...


class SaveList(OnList, frozen=True, kw_only=True, tag="save list"):
    name: Line = ""
    addresses: Pasted = ""
    part: bool = False
    """True: the list is too long for a field, so ``add`` and ``remove`` say what changes."""

    add: Pasted = ""
    remove: Pasted = ""


class AskDeleteList(OnList, frozen=True, kw_only=True, tag="ask delete list"): ...


class DeleteList(OnList, frozen=True, kw_only=True, tag="delete list"): ...


# --- surveys, as admins write them


class OnSurvey(Action, frozen=True, kw_only=True):
    """Base of the actions on one survey, from the surveys or, with ``campaign``, from the campaign
    that is to ask it.
    """

    survey: Key
    revision: Revision = 0
    """0: the survey does not exist yet."""

    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenSurveys(Action, frozen=True, kw_only=True, tag="surveys"):
    page: PageNumber = 0
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenNewSurvey(Action, frozen=True, kw_only=True, tag="new survey"):
    campaign: KeyOrNone = ""
    campaign_revision: Revision = 0


class OpenSurvey(OnSurvey, frozen=True, kw_only=True, tag="survey"): ...


class DescribeSurvey(OnSurvey, frozen=True, kw_only=True, tag="describe survey"): ...


class SaveSurvey(OnSurvey, frozen=True, kw_only=True, tag="save survey"):
    name: Line = ""
    introduction: Text = ""


class OpenSurveySettings(OnSurvey, frozen=True, kw_only=True, tag="survey settings"): ...


class SaveSurveySettings(OnSurvey, frozen=True, kw_only=True, tag="save survey settings"):
    anonymous: Line = ""
    changeable: Line = ""
    closes: Line = ""
    """``YYYY-MM-DD``; empty: open until it is closed."""
    remind: Line = ""
    readers: Line = ""
    thanks: Text = ""


class NewQuestion(OnSurvey, frozen=True, kw_only=True, tag="new question"):
    kind: Line = ""


class EditQuestion(OnSurvey, frozen=True, kw_only=True, tag="edit question"):
    question: KeyOrNone = ""
    """Chosen in a field of the card, as with the actions below."""


class SaveQuestion(OnSurvey, frozen=True, kw_only=True, tag="save question"):
    question: KeyOrNone = ""
    """Empty: a new one."""
    kind: Line = ""
    text: Line = ""
    help: Line = ""
    required: Line = ""
    choices: Text = ""
    other: Line = ""
    low: Line = ""
    high: Line = ""
    lines: Line = ""


class ArrangeQuestion(OnSurvey, frozen=True, kw_only=True, tag="arrange question"):
    question: KeyOrNone = ""
    what: Literal["up", "down", "duplicate", "delete"]


class AskDeleteQuestion(OnSurvey, frozen=True, kw_only=True, tag="ask delete question"):
    question: KeyOrNone = ""


class PreviewSurvey(OnSurvey, frozen=True, kw_only=True, tag="preview survey"): ...


class CloneSurvey(OnSurvey, frozen=True, kw_only=True, tag="clone survey"):
    clone: Key


class AskDeleteSurvey(OnSurvey, frozen=True, kw_only=True, tag="ask delete survey"): ...


class DeleteSurvey(OnSurvey, frozen=True, kw_only=True, tag="delete survey"): ...


class UseSurvey(OnCampaign, frozen=True, kw_only=True, tag="use survey"):
    survey: Key


# --- surveys, once they have been sent


class OpenResults(OnCampaign, frozen=True, kw_only=True, tag="survey results"):
    page: PageNumber = 0
    """Of the questions."""
    of_list: KeyOrNone = ""
    department: Line = ""


class OpenResultsFilter(OnCampaign, frozen=True, kw_only=True, tag="filter results"):
    of_list: KeyOrNone = ""
    department: Line = ""


class FilterResults(OnCampaign, frozen=True, kw_only=True, tag="apply filter"):
    of_list: Line = ""
    department: Line = ""


class OpenTexts(OnCampaign, frozen=True, kw_only=True, tag="survey texts"):
    question: Key
    search: Line = ""
    page: PageNumber = 0


class CloseSurvey(OnCampaign, frozen=True, kw_only=True, tag="close survey"): ...


class ReopenSurvey(OnCampaign, frozen=True, kw_only=True, tag="reopen survey"): ...


class AskRemindToAnswer(OnCampaign, frozen=True, kw_only=True, tag="ask remind to answer"): ...


class RemindToAnswer(OnCampaign, frozen=True, kw_only=True, tag="remind to answer"):
    reminder: Key


class ExportResults(OnCampaign, frozen=True, kw_only=True, tag="export results"): ...


class ShareResults(OnCampaign, frozen=True, kw_only=True, tag="share results"):
    shared: Key
    """The draft that this begins."""


# --- surveys, for those who answer


class OnAnswers(Action, frozen=True, kw_only=True):
    """Base of what recipients press on a survey that they were sent."""

    campaign: Key
    receipt: Key
    """What an anonymous answer is kept under: it stands in this person's card alone."""


class SendAnswers(OnAnswers, frozen=True, kw_only=True, tag="send answers"):
    """The answers are in fields of the survey's own; ``campaigns.surveys.answers`` reads them."""


class OpenAnswers(OnAnswers, frozen=True, kw_only=True, tag="my answers"):
    change: bool = False


class OpenSharedResults(OnAnswers, frozen=True, kw_only=True, tag="results for all"):
    page: PageNumber = 0


def _tagged(base: type[Action]) -> list[type[Action]]:
    found: list[type[Action]] = []
    for kind in base.__subclasses__():
        below = _tagged(kind)
        found += below or [kind]
    return found


ACTIONS: tuple[type[Action], ...] = tuple(_tagged(Action))
_DECODER_TYPE: Any = None
for _kind in ACTIONS:
    _DECODER_TYPE = _kind if _DECODER_TYPE is None else _DECODER_TYPE | _kind


def encode(action: Action) -> dict[str, Any]:
    """The action as a button's data."""
    data: dict[str, Any] = msgspec.to_builtins(action)
    return data


def decode(data: object) -> Action:
    """The action in what came back, inputs and all.

    Raises NotAnAction, saying why for the log.
    """
    if not isinstance(data, dict):
        raise NotAnAction(f"not an object but {type(data).__name__}")
    try:
        size = len(msgspec.json.encode(data))
    except UnicodeEncodeError as error:
        raise NotAnAction("half a character") from error
    if size > DATA_LIMIT:
        raise TooMuch(f"{size:,} bytes of data; at most {DATA_LIMIT:,} are taken")
    try:
        action: Action = msgspec.convert(data, type=_DECODER_TYPE, strict=False)
    except msgspec.ValidationError as error:
        raise NotAnAction(str(error)) from error
    return action
