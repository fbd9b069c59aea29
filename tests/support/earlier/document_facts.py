"""The facts of documents, in the plain words of ``tests/fixtures/stores/*/expected.json``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from campaigns.audience import (
    AllUsers,
    Audience,
    ListAudience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
    WaitingAudience,
)
from campaigns.campaign import Campaign
from campaigns.content import Content
from campaigns.lists import DistributionList
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.survey import Survey
from campaigns.templates import Template
from campaigns.user import User

Facts: TypeAlias = dict[str, Any]


def facts_of(campaign: Campaign) -> Facts:
    """The facts of a campaign. No other test of earlier data reads a campaign's fields."""
    kind, source = audience_facts(campaign.audience)
    return {
        "tenant": campaign.tenant_id,
        "id": campaign.id,
        "name": campaign.name,
        "format": campaign.format.value,
        "status": campaign.status.value,
        "author": campaign.author_id,
        "created": moment(campaign.created_at),
        "updated": moment(campaign.updated_at),
        "revision": campaign.revision,
        "content": content_facts(campaign.content),
        "replaced_content": campaign.draft.replaced and content_facts(campaign.draft.replaced),
        "audience": kind,
        "audience_of": source,
        "audience_name": campaign.run.audience.name,
        "purpose": campaign.follow_up.purpose.value,
        "followers": list(campaign.follow_up.followers),
        "schedule": campaign.schedule and schedule_facts(campaign.schedule),
        "missed": campaign.draft.missed and campaign.draft.missed.value,
        "in_doubt": campaign.in_doubt.value,
        "asks_to_acknowledge": campaign.acknowledge,
        "recipients": campaign.run.recipients,
        "sender": campaign.run.sender_id,
        "started": moment(campaign.run.started_at),
        "ended": moment(campaign.run.ended_at),
        "fault": campaign.run.fault and campaign.run.fault.value,
        "survey_closed_by_hand": campaign.survey_state.closed,
        "survey_reopened_by_hand": campaign.survey_state.reopened,
        "reminders": list(campaign.survey_state.reminders),
        "reminded_by_itself": campaign.survey_state.reminded,
        "progress_card": campaign.run.progress
        and [campaign.run.progress.user_id, campaign.run.progress.activity_id],
        "doubts_to_be_sent_again": campaign.run.reopened,
    }


def moment(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat()


def audience_facts(audience: Audience | None) -> tuple[str | None, str | None]:
    """The kind of audience, and the list or campaign that it is of."""
    match audience:
        case None:
            return None, None
        case AllUsers():
            return "all", None
        case ListAudience(list_id):
            return "list", list_id
        case ReceivedAudience(campaign_id):
            return "received", campaign_id
        case NewcomersAudience(campaign_id):
            return "newcomers", campaign_id
        case WaitingAudience(campaign_id):
            return "waiting", campaign_id
        case UnansweredAudience(campaign_id):
            return "unanswered", campaign_id


def content_facts(content: Content) -> Facts:
    return {
        "message": content.message,
        "notification": content.notification,
        "title": content.title,
        "image": content.image.url,
        "image_shows": content.image.alt,
        "buttons": [[button.text, button.url] for button in content.buttons],
        "pasted_card": content.card,
        "sends_pasted_card": content.pasted,
        "survey": content.survey and survey_facts(content.survey),
    }


def survey_facts(survey: Survey) -> Facts:
    return {
        "tenant": survey.tenant_id,
        "id": survey.id,
        "name": survey.name,
        "author": survey.author_id,
        "created": moment(survey.created_at),
        "updated": moment(survey.updated_at),
        "revision": survey.revision,
        "introduction": survey.introduction,
        "questions": [
            {
                "id": question.id,
                "kind": question.kind.value,
                "text": question.text,
                "help": question.help,
                "required": question.required,
                "choices": list(question.choices),
                "other": question.other,
                "low": question.low,
                "high": question.high,
                "several_lines": question.lines,
            }
            for question in survey.questions
        ],
        "questions_ever": survey.asked,
        "anonymous": survey.anonymous,
        "changeable": survey.changeable,
        "closes": moment(survey.closes_at),
        "remind_days_before": survey.remind_before,
        "who_sees_results": survey.readers.value,
        "thanks": survey.thanks,
        "used": survey.used,
    }


def schedule_facts(schedule: Schedule) -> Facts:
    window, night, series = schedule.window, schedule.night, schedule.series
    return {
        "starts": moment(schedule.at),
        "zone": schedule.zone,
        "scheduled_by": schedule.by,
        "seed": schedule.seed,
        "window": window
        and {
            "first_day": window.first_day.isoformat(),
            "days": window.days,
            "opens": f"{window.hours.opens:%H:%M}",
            "closes": f"{window.hours.closes:%H:%M}",
            "weekdays": list(window.hours.weekdays),
            "holidays_of": window.hours.country,
            "zone": window.zone,
            "in_own_zones": window.own_zones,
        },
        "sends_to": schedule.rule.value,
        "presence_unknown": schedule.fallback.value,
        "night": night and [f"{night.begins:%H:%M}", f"{night.ends:%H:%M}"],
        "series": series
        and {
            "id": series.id,
            "number": series.number,
            "every": series.recurrence.every.value,
            "days": list(series.recurrence.days),
            "at": f"{series.recurrence.at:%H:%M}",
            "zone": series.recurrence.zone,
            "until": series.recurrence.until and series.recurrence.until.isoformat(),
            "times": series.recurrence.times,
        },
    }


def user_facts(user: User) -> Facts:
    draft = user.open_draft
    return {
        "tenant": user.tenant_id,
        "id": user.id,
        "name": user.profile.name,
        "given_name": user.profile.given_name,
        "surname": user.profile.surname,
        "email": user.profile.email,
        "upn": user.profile.upn,
        "profile_known": user.profile_known,
        "department": user.details.department,
        "job_title": user.details.job_title,
        "country": user.details.country,
        "city": user.details.city,
        "details_asked": moment(user.details_at),
        "locale": user.locale,
        "time_zone": user.time_zone,
        "open_draft": draft and draft.campaign_id,
        "open_draft_since": draft and moment(draft.at),
        "reachable": user.reachable,
        "unreachable_because": user.unreachable_because and user.unreachable_because.value,
        "installed": moment(user.installed_at),
        "uninstalled": moment(user.uninstalled_at),
        "service_url": user.reference.service_url,
        "conversation": user.reference.conversation_id,
        "bot": user.reference.bot_id,
        "account": user.reference.account_id,
        "channel": user.reference.channel_id,
    }


def list_facts(document: DistributionList) -> Facts:
    return {
        "tenant": document.tenant_id,
        "id": document.id,
        "name": document.name,
        "addresses": list(document.addresses),
        "author": document.author_id,
        "created": moment(document.created_at),
        "updated": moment(document.updated_at),
        "revision": document.revision,
    }


def template_facts(template: Template) -> Facts:
    kind, source = audience_facts(template.audience)
    return {
        "tenant": template.tenant_id,
        "id": template.id,
        "name": template.name,
        "format": template.format.value,
        "content": content_facts(template.content),
        "audience": kind,
        "audience_of": source,
        "in_doubt": template.in_doubt.value,
        "asks_to_acknowledge": template.acknowledge,
        "author": template.author_id,
        "created": moment(template.created_at),
    }
