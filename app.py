"""The composition root: settings -> store, outbound edge, engine, dialogs, bot -> application.

``python app.py`` serves the bot. Importing this module does nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TypeVar

from aiohttp import web

import settings as configuration
from bot.adapter import Adapter
from bot.clicks import Clicks
from bot.downloads import Downloads
from bot.duplicates import OverProcesses
from bot.handler import Admission, Handler
from bot.http import create_http, store_check
from bot.metrics import Metrics
from bot.replies import Replies
from bot.report_downloads import ReportDownloads
from bot.survey_downloads import SurveyDownloads
from campaigns.seal import KEY_BYTES, Seal
from cards.message.personal import Renderer
from cards.message.tracking import Tracking
from cards.reports.measured import Measuring, measuring
from cards.reports.messages import CampaignMessages
from delivery.clock import Clock, SystemClock
from delivery.engine import GRACE, Engine
from delivery.feedback.receipts import Receipts
from delivery.feedback.recorder import Recorder
from delivery.leases import STANDARD as STANDARD_LEASES
from delivery.leases import LeaseRules, TenantLeases
from delivery.pacing.pacer import Pacer
from delivery.people.contacts import Contacts
from delivery.people.entra import DirectorySweep
from delivery.starting.reminders import Reminders
from dialogs.authoring.choose_survey import SurveyChoosing
from dialogs.authoring.composing import Composing
from dialogs.authoring.content_steps import ContentSteps
from dialogs.authoring.drafts import Drafts
from dialogs.authoring.ends import Authoring
from dialogs.authoring.templates import TemplatesDialog
from dialogs.authoring.writing import Pictures, Writing
from dialogs.campaigns.followup import FollowUpDialog
from dialogs.campaigns.schedule import ScheduleDialog
from dialogs.campaigns.sending import SendDialog
from dialogs.campaigns.shelf import CampaignsDialog
from dialogs.context import Context
from dialogs.lists import ListsDialog
from dialogs.reports.acknowledging import Acknowledging
from dialogs.reports.report import Reports
from dialogs.router import Router
from dialogs.surveys.answering import Answering
from dialogs.surveys.author import SurveysDialog
from dialogs.surveys.drafts import SurveyDrafts
from dialogs.surveys.free_texts import SurveyAnswers
from dialogs.surveys.questions import SurveyQuestions
from dialogs.surveys.results import SurveyResults
from dialogs.surveys.settings import SurveySettingsDialog
from settings import AppType, PostgreSQLStore, Settings, SettingsError
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.postgres.store import PostgresStore
from storage.transfer import move
from teams.connector import Connector
from teams.graph import Graph
from teams.hosts import Hosts
from teams.pictures import WebPictures
from teams.signin import ManagedIdentitySignIn, SecretSignIn
from teams.tokens import DEFAULTS, NoToken, TokenRules, Tokens, TokenSource
from teams.transport import TIMEOUTS, Timeouts

_log = logging.getLogger("app")

S = TypeVar("S", EmbeddedStore, PostgresStore)

BAD_SETTINGS = 2
"""Exit code when the settings or the store don't allow a start."""


def create_app(
    settings: Settings,
    *,
    clock: Clock | None = None,
    store: Store | None = None,
    pictures: Pictures | None = None,
    trusted: str | None = None,
    timeouts: Timeouts = TIMEOUTS,
    token_rules: TokenRules = DEFAULTS,
    leases: LeaseRules = STANDARD_LEASES,
) -> web.Application:
    """The whole bot, ready to be served.

    :param clock: the system's clock, unless a test moves the time.
    :param store: the store that the settings name, unless given; it is opened and closed here.
    :param pictures: who looks at pictures on the web; by default the web is asked.
    :param trusted: file with the certificates to trust when signing in; None: the usual ones.
    :param timeouts: of calls to Teams.
    :param token_rules: when to fetch a token anew.
    :param leases: how long tenants are held, where several processes share them.
    """
    store = store or _store(settings)
    held = TenantLeases(
        store.leases, clock or SystemClock(), settings.rate_per_second, rules=leases
    )
    clock = held.clock
    hosts = Hosts(settings.cloud.service_hosts, local=settings.local)
    connector = Connector(_tokens(settings, trusted, token_rules), hosts, timeouts=timeouts)
    pacer = Pacer(clock, settings.rate_per_second, share=held.share)
    contacts = Contacts(store, connector, pacer)
    seal = Seal()
    tracking = (
        Tracking(settings.public_url, seal, personal=settings.personal_tracking)
        if settings.public_url
        else None
    )
    recorder = Recorder(store, clock)
    renderer = Renderer(tracking)
    measured = measuring(renderer, personal=settings.personal_tracking)
    graph = _graph(settings, trusted, token_rules, timeouts)
    sweep = DirectorySweep(store, contacts, clock, graph, settings.allowed_tenants)
    engine = Engine(
        store=store,
        messenger=connector,
        contacts=contacts,
        pacer=pacer,
        clock=clock,
        renderer=renderer,
        fits=renderer.fits,
        views=CampaignMessages(settings.time_zone, measured),
        sweep=sweep if graph is not None else None,
        leases=held,
        presences=graph,
        others=isinstance(settings.store, PostgreSQLStore),
    )
    reminders = Reminders(store, engine.send, clock, may_act=held.holds)
    metrics = Metrics()
    handler = Handler(
        dialogs=_router(
            settings,
            store,
            engine,
            contacts,
            pictures or WebPictures(),
            sweep,
            seal,
            renderer,
            measured,
            reminders,
        ),
        contacts=contacts,
        reception=Receipts(store, recorder),
        replies=Replies(connector, pacer, metrics),
        gate=Admission(
            serves=settings.serves, trusts=hosts.allows, is_admin=settings.admins.include
        ),
        clock=clock,
        once=OverProcesses(store.inbox, held.owner),
    )
    adapter = Adapter(
        handler,
        app_id=settings.app_id,
        token_issuer=settings.cloud.token_issuer,
        openid_metadata_url=settings.cloud.openid_metadata_url,
    )

    async def stored(_: web.Application) -> AsyncIterator[None]:
        await store.open()
        seal.use(await store.secrets.get_or_keep("links", secrets.token_bytes(KEY_BYTES)))
        yield
        await store.close()

    async def connected(_: web.Application) -> AsyncIterator[None]:
        await connector.start()
        if graph is not None:
            await graph.start()
        yield
        if graph is not None:
            await graph.close()
        await connector.close()

    async def recording(_: web.Application) -> AsyncIterator[None]:
        recorder.start()
        yield
        # Last, after the requests that have something to record.
        await recorder.stop()

    async def sending(_: web.Application) -> AsyncIterator[None]:
        await engine.start()
        await reminders.start()
        yield

    async def ending(_: web.Application) -> None:
        # Side by side, and before the server waits for its requests: a turn that hangs must not
        # keep the engine sending.
        await asyncio.gather(reminders.stop(), engine.stop(), handler.finish(GRACE))

    async def engine_check() -> str:
        return engine.not_ready_because

    application = create_http(
        adapter,
        metrics=metrics,
        checks={"store": store_check(store), "engine": engine_check},
        contexts=[stored, recording, connected, sending],
        public=[
            *Clicks(seal, recorder, clock, metrics).routes(),
            *Downloads(
                seal,
                clock,
                {
                    "report": ReportDownloads(store, personal=settings.personal_tracking),
                    "survey": SurveyDownloads(store),
                },
            ).routes(),
        ],
    )
    application.on_shutdown.append(ending)
    return application


async def _settle_in(_: web.Application) -> None:
    """Spares the garbage collector what is there for good.

    What has been imported and loaded is never garbage; and a delivery leaves no cycles, so looking
    for them every 700 objects, the default, cost a quarter of the time of a push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def main(arguments: Sequence[str] = ()) -> int:
    """Serves until it is told to end, or does what the arguments say; the exit code."""
    parser = argparse.ArgumentParser(prog="app.py", description="The bot. Settings: .env.example.")
    verbs = parser.add_subparsers(dest="verb", metavar="")
    moving = verbs.add_parser(
        "migrate-store", help="move a TinyDB data folder into the database that STORE names"
    )
    moving.add_argument("folder", nargs="?", type=Path, default=Path("data"))
    options = parser.parse_args(arguments)
    try:
        settings = configuration.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return BAD_SETTINGS
    _log_to_stderr(settings)
    if options.verb == "migrate-store":
        return _move_store(options.folder, settings)
    if settings.local:
        _log.warning(
            "local mode: nobody is authenticated; only this machine can reach the bot. "
            "Set MICROSOFT_APP_ID to serve Microsoft Teams."
        )
    try:
        application = create_app(settings)
        application.on_startup.append(_settle_in)
        web.run_app(
            application,
            host=settings.host,
            port=settings.port,
            print=lambda *_: _log.info("listening on http://%s:%d", settings.host, settings.port),
            access_log=None,
            # What is in flight is finished by the engine; requests are short.
            shutdown_timeout=1.0,
        )
    except StoreError as error:
        print(f"STORE can't be used: {error}", file=sys.stderr)
        return BAD_SETTINGS
    except OSError as error:
        print(f"HOST {settings.host} PORT {settings.port} can't be used: {error}", file=sys.stderr)
        return BAD_SETTINGS
    return 0


def _move_store(folder: Path, settings: Settings) -> int:
    if not isinstance(settings.store, PostgreSQLStore):
        print("STORE has to be the database: postgresql://...", file=sys.stderr)
        return BAD_SETTINGS
    if not (folder / "format.json").exists():
        print(f"{folder} is not a data folder of this bot.", file=sys.stderr)
        return BAD_SETTINGS
    url = settings.store.url.reveal()

    async def moved() -> None:
        async with (
            _opened(EmbeddedStore(folder, moving_out=True)) as source,
            _opened(PostgresStore(url)) as target,
        ):
            await move(source, target, print)

    try:
        asyncio.run(moved())
    except StoreError as error:
        print(f"Not moved: {error}", file=sys.stderr)
        return BAD_SETTINGS
    print(f"Moved. The folder {folder} is not used any more; keep it until you are content.")
    return 0


@contextlib.asynccontextmanager
async def _opened(store: S) -> AsyncIterator[S]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _store(settings: Settings) -> Store:
    if isinstance(settings.store, PostgreSQLStore):
        return PostgresStore(settings.store.url.reveal())
    return EmbeddedStore(settings.store.folder)


def _tokens(settings: Settings, trusted: str | None, rules: TokenRules) -> TokenSource:
    if settings.app_id is None:
        return NoToken()
    if settings.app_type is AppType.USER_ASSIGNED_MSI:
        return Tokens(ManagedIdentitySignIn(app_id=settings.app_id), rules=rules)
    assert settings.app_password is not None
    single = settings.app_type is AppType.SINGLE_TENANT
    return Tokens(
        SecretSignIn(
            app_id=settings.app_id,
            secret=settings.app_password.reveal(),
            tenant_id=(settings.app_tenant_id or "") if single else "",
            login_url=settings.cloud.login_url,
            scope=settings.cloud.token_scope,
            trusted=trusted,
        ),
        rules=rules,
    )


def _graph(
    settings: Settings, trusted: str | None, rules: TokenRules, timeouts: Timeouts
) -> Graph | None:
    """The organisations' directory; in local mode there is none."""
    if settings.app_id is None:
        return None
    app_id, cloud = settings.app_id, settings.cloud
    password = settings.app_password

    def tokens(tenant_id: str) -> TokenSource:
        if settings.app_type is AppType.USER_ASSIGNED_MSI or password is None:
            return Tokens(
                ManagedIdentitySignIn(app_id=app_id, resource=cloud.graph_url), rules=rules
            )
        return Tokens(
            SecretSignIn(
                app_id=app_id,
                secret=password.reveal(),
                tenant_id=tenant_id,
                login_url=cloud.login_url,
                scope=cloud.graph_scope,
                trusted=trusted,
            ),
            rules=rules,
        )

    return Graph(tokens, cloud.graph_url, timeouts=timeouts)


def _router(
    settings: Settings,
    store: Store,
    engine: Engine,
    contacts: Contacts,
    pictures: Pictures,
    sweep: DirectorySweep,
    seal: Seal,
    renderer: Renderer,
    measured: Measuring,
    reminders: Reminders,
) -> Router:
    context = Context(
        store,
        settings.time_zone,
        measured,
        rate=settings.rate_per_second,
        days_ahead=settings.schedule_days_ahead,
    )
    drafts = Drafts(context)
    steps = ContentSteps(sweep.knows)
    sending = SendDialog(context, engine, contacts)
    acknowledging = Acknowledging(context, renderer)
    survey_drafts = SurveyDrafts(context)
    surveys = SurveysDialog(context, survey_drafts)
    survey_results = SurveyResults(context, reminders)
    answering = Answering(context)
    return Router(
        context,
        engine,
        contacts=contacts,
        campaigns=CampaignsDialog(context),
        lists=ListsDialog(context),
        templates=TemplatesDialog(context),
        composing=Composing(context, drafts, steps),
        others=[
            Authoring(context, drafts, steps).routes(),
            Writing(context, drafts, steps, pictures).routes(),
            sending.routes(),
            ScheduleDialog(context, engine, sending, steps).routes(),
            FollowUpDialog(context, engine, steps).routes(),
            Reports(context, seal, settings.public_url).routes(),
            acknowledging.routes(),
            surveys.routes(),
            SurveyQuestions(survey_drafts).routes(),
            SurveySettingsDialog(context, survey_drafts).routes(),
            SurveyChoosing(context, drafts, steps).routes(),
            survey_results.routes(),
            SurveyAnswers(context, survey_results, seal, settings.public_url).routes(),
        ],
        for_everyone={**acknowledging.for_everyone(), **answering.for_everyone()},
        surveys=surveys,
        answering=answering,
    )


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level.value,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    # The SDK's and the libraries' chatter is theirs.
    for name in ("msal", "urllib3", "asyncio", "botframework", "botbuilder"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
