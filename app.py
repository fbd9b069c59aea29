"""The composition root: settings -> store, outbound edge, engine, dialogs, bot -> application.

``python app.py`` serves the bot. Importing this module does nothing.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import sys
from collections.abc import AsyncIterator

from aiohttp import web

import settings as configuration
from bot.adapter import Adapter
from bot.clicks import Clicks
from bot.handler import Gate, Handler
from bot.http import create_http, store_check
from bot.metrics import Metrics
from bot.replies import Replies
from bot.survey_downloads import SurveyDownloads
from campaigns.seal import KEY_BYTES, Seal
from cards.personal import Renderer
from cards.tracking import Tracking
from cards.views import Views
from delivery.clock import Clock, SystemClock
from delivery.directory import Directory
from delivery.engine import GRACE, Engine
from delivery.pacer import Pacer
from delivery.reception import Reception
from delivery.recorder import Recorder
from delivery.reminders import Reminders
from dialogs.answering import Answering
from dialogs.authoring import Authoring
from dialogs.campaigns import Campaigns
from dialogs.drafts import Drafts
from dialogs.followup import FollowUp
from dialogs.lists import Lists
from dialogs.router import Router
from dialogs.scene import Scene
from dialogs.sending import Sending
from dialogs.survey_choosing import SurveyChoosing
from dialogs.survey_results import SurveyResults
from dialogs.surveys import Surveys
from dialogs.templates import Templates
from dialogs.writing import Pictures, Writing
from settings import AppType, PostgreSQLStore, Settings, SettingsError
from storage.base import Store
from storage.embedded import EmbeddedStore
from storage.errors import StoreError
from storage.postgres_store import PostgresStore
from teams.connector import Connector
from teams.hosts import Hosts
from teams.pictures import WebPictures
from teams.signin import ManagedIdentitySignIn, SecretSignIn
from teams.tokens import DEFAULTS, NoToken, Rules, Tokens, TokenSource
from teams.transport import TIMEOUTS, Timeouts

_log = logging.getLogger("app")

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
    token_rules: Rules = DEFAULTS,
) -> web.Application:
    """The whole bot, ready to be served.

    :param clock: the system's clock, unless a test moves the time.
    :param store: the store that the settings name, unless given; it is opened and closed here.
    :param pictures: who looks at pictures on the web; by default the web is asked.
    :param trusted: file with the certificates to trust when signing in; None: the usual ones.
    :param timeouts: of calls to Teams.
    :param token_rules: when to fetch a token anew.
    """
    clock = clock or SystemClock()
    store = store or _store(settings)
    hosts = Hosts(settings.cloud.service_hosts, local=settings.local)
    connector = Connector(_tokens(settings, trusted, token_rules), hosts, timeouts=timeouts)
    pacer = Pacer(clock, settings.rate_per_second)
    directory = Directory(store, connector, pacer)
    seal = Seal()
    tracking = (
        Tracking(settings.public_url, seal, personal=settings.personal_tracking)
        if settings.public_url
        else None
    )
    recorder = Recorder(store, clock)
    renderer = Renderer(tracking)
    engine = Engine(
        store=store,
        messenger=connector,
        directory=directory,
        pacer=pacer,
        clock=clock,
        renderer=renderer,
        views=Views(settings.time_zone),
    )
    reminders = Reminders(store, engine, clock)
    metrics = Metrics()
    handler = Handler(
        dialogs=_router(
            settings, store, engine, directory, pictures or WebPictures(), reminders, seal
        ),
        directory=directory,
        reception=Reception(store, recorder),
        replies=Replies(connector, pacer, metrics),
        gate=Gate(serves=settings.serves, trusts=hosts.allows, is_admin=settings.admins.include),
        clock=clock,
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
        yield
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
        return "" if engine.running else "not running"

    application = create_http(
        adapter,
        metrics=metrics,
        checks={"store": store_check(store), "engine": engine_check},
        contexts=[stored, recording, connected, sending],
        public=[
            *Clicks(seal, recorder, clock, metrics).routes(),
            *SurveyDownloads(seal, store, clock).routes(),
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


def main() -> int:
    """Serves until it is told to end; the exit code."""
    try:
        settings = configuration.from_environment()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return BAD_SETTINGS
    _log_to_stderr(settings)
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


def _store(settings: Settings) -> Store:
    if isinstance(settings.store, PostgreSQLStore):
        return PostgresStore(settings.store.url.reveal())
    return EmbeddedStore(settings.store.folder)


def _tokens(settings: Settings, trusted: str | None, rules: Rules) -> TokenSource:
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


def _router(
    settings: Settings,
    store: Store,
    engine: Engine,
    directory: Directory,
    pictures: Pictures,
    reminders: Reminders,
    seal: Seal,
) -> Router:
    scene = Scene(store, settings.time_zone)
    drafts = Drafts(scene)
    writing = Writing(scene, drafts, pictures, lambda: False)
    surveys = Surveys(scene)
    answering = Answering(scene)
    return Router(
        scene,
        engine,
        directory=directory,
        campaigns=Campaigns(scene),
        lists=Lists(scene),
        templates=Templates(scene),
        writing=writing,
        others=[
            Authoring(scene, drafts, writing).routes(),
            Sending(scene, engine, directory).routes(),
            FollowUp(scene, engine, writing).routes(),
            surveys.routes(),
            SurveyChoosing(scene, drafts, writing).routes(),
            SurveyResults(scene, reminders, seal, settings.public_url).routes(),
        ],
        for_everyone=answering.for_everyone(),
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
    sys.exit(main())
