"""All public addresses."""

from __future__ import annotations

from aiohttp import web

from bot.metrics import Metrics
from bot.public.clicks import Clicks
from bot.public.downloads import Downloads, Source
from bot.public.reports import ReportDownloads
from bot.public.surveys import SurveyDownloads
from campaigns.seal import Seal
from delivery.clock import Clock
from delivery.feedback.recorder import Recorder
from storage.base import Store


def public_routes(
    store: Store,
    seal: Seal,
    recorder: Recorder,
    clock: Clock,
    metrics: Metrics,
    *,
    personal_tracking: bool,
) -> list[web.RouteDef]:
    """Returns the routes of clicks and downloads."""
    sources: dict[str, Source] = {
        "report": ReportDownloads(store, personal=personal_tracking),
        "survey": SurveyDownloads(store),
    }
    return [
        *Clicks(seal, recorder, clock, metrics).routes(),
        *Downloads(seal, clock, sources).routes(),
    ]
