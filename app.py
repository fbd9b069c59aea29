"""The composition root: settings -> store, outbound edge, engine, dialogs, bot -> application.

``python app.py`` serves the bot. Importing this module does nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from bot.adapter import Adapter
from bot.duplicates import SharedDeduplicator
from bot.handler import Admission, Handler
from bot.http import create_http
from bot.metrics import Metrics
from bot.public.routes import public_routes
from bot.readiness import (
    background_check,
    background_remark,
    engine_check,
    sign_in_check,
    store_check,
)
from bot.replies import Replies
from bot.serving import CannotListen, log_to_stderr, serve
from bot.startup import STARTUP
from campaigns.seal import KEY_BYTES, Seal
from cards.message.personal import Renderer
from cards.message.tracking import Tracking
from cards.reports.measured import measuring
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
from delivery.supervision import STANDARD as STANDARD_SUPERVISION
from delivery.supervision import SupervisionRules, Supervisor, WorkKind
from dialogs.authoring.writing import Pictures
from dialogs.building import build_dialogs
from settings import PostgreSQLStore, Settings, SettingsError, from_environment
from storage.base import Store
from storage.embedded.store import EmbeddedStore
from storage.errors import StoreError
from storage.migration import is_data_folder, migrate
from storage.postgres.store import PostgresStore
from teams.outbound import Outbound, Registration
from teams.pictures import WebPictures
from teams.signed_in import STANDARD as STANDARD_SIGN_IN
from teams.signed_in import SignInRules
from teams.tokens import DEFAULTS, TokenRules
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
    token_rules: TokenRules = DEFAULTS,
    sign_in: SignInRules = STANDARD_SIGN_IN,
    leases: LeaseRules = STANDARD_LEASES,
    supervision: SupervisionRules = STANDARD_SUPERVISION,
) -> web.Application:
    """Returns the whole bot, ready to be served.

    :param clock: the system's clock, unless a test moves the time.
    :param store: takes the place of the store that the settings name. The application opens and
        closes it, too.
    :param pictures: looks at pictures on the web, unless a test has its own.
    :param trusted: file with the certificates to trust when signing in; None: the usual ones.
    :param timeouts: time limits of calls to Teams.
    :param token_rules: times at which a new token is fetched.
    :param sign_in: times at which the sign-in is tried.
    :param leases: times of the leases by which several processes share the tenants.
    :param supervision: times at which background work that has failed begins again.
    """
    store = store or _store(settings)
    rate, personal_tracking = settings.rate_per_second, settings.personal_tracking
    tenant_leases = TenantLeases(store.leases, clock or SystemClock(), rate, rules=leases)
    clock = tenant_leases.clock
    supervisor = Supervisor(supervision)

    # The outbound edge
    registration = _registration(settings, trusted, token_rules)
    outbound = Outbound(
        registration, settings.cloud.service_hosts, timeouts=timeouts, sign_in=sign_in
    )
    pacer = Pacer(clock, rate, share=tenant_leases.share)
    contacts = Contacts(store, outbound.connector, pacer)

    # Messages to recipients, and the feedback on them
    seal = Seal()
    url = settings.public_url
    tracking = Tracking(url, seal, personal=personal_tracking) if url else None
    renderer = Renderer(tracking)
    measured = measuring(renderer, personal=personal_tracking)
    recorder = Recorder(store, clock, supervisor.crew())

    # The engine
    sweep = DirectorySweep(
        store, contacts, clock, supervisor.crew(), outbound.graph, settings.allowed_tenants
    )
    engine = Engine(
        store=store,
        messenger=outbound.connector,
        contacts=contacts,
        pacer=pacer,
        clock=clock,
        renderer=renderer,
        fits=renderer.fits,
        views=CampaignMessages(settings.time_zone, measured),
        leases=tenant_leases,
        supervisor=supervisor,
        sweep=sweep if outbound.graph is not None else None,
        presences=outbound.graph,
        others=isinstance(settings.store, PostgreSQLStore),
        start_paused=settings.start_paused,
    )

    # The dialogs
    dialogs = build_dialogs(
        store=store,
        engine=engine,
        contacts=contacts,
        sweep=sweep,
        pictures=pictures or WebPictures(),
        renderer=renderer,
        measured=measured,
        seal=seal,
        public_url=url,
        time_zone=settings.time_zone,
        rate_per_second=rate,
        schedule_days_ahead=settings.schedule_days_ahead,
    )

    # The bot
    metrics = Metrics()
    metrics.watch(supervisor)
    handler = Handler(
        dialogs=dialogs,
        contacts=contacts,
        receipts=Receipts(store, recorder),
        replies=Replies(outbound.connector, pacer, metrics),
        admission=Admission(
            serves=settings.serves,
            trusts=outbound.hosts.allows,
            is_admin=settings.admins.include,
        ),
        clock=clock,
        shared=SharedDeduplicator(store.inbox, tenant_leases.owner),
    )
    adapter = Adapter(
        handler,
        app_id=settings.app_id,
        token_issuer=settings.cloud.token_issuer,
        openid_metadata_url=settings.cloud.openid_metadata_url,
    )

    # The application: its start, its end, and its routes
    async def running(_: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await store.open()
            stack.push_async_callback(store.close)
            # For a start that breaks off; after an orderly end there is nothing left to stop.
            stack.push_async_callback(supervisor.stop)
            seal.use(await store.secrets.get_or_keep("links", secrets.token_bytes(KEY_BYTES)))
            recorder.start()
            # Stopped after the requests that have something to record.
            stack.push_async_callback(recorder.stop)
            await stack.enter_async_context(outbound)
            if signed_in is not None:
                supervisor.crew().keep(WorkKind.SIGN_IN, "sign-in", signed_in.run)
            await engine.start()
            yield

    async def ending(_: web.Application) -> None:
        if not application[STARTUP].done:
            return
        # Both at once, and before the server waits for its requests: a turn that hangs must not
        # keep the engine sending.
        await asyncio.gather(engine.stop(), handler.finish(GRACE))

    checks = {
        "store": store_check(store),
        "engine": engine_check(engine),
        "background": background_check(supervisor),
    }
    signed_in = outbound.signed_in
    if signed_in is not None:
        checks["sign_in"] = sign_in_check(signed_in)
        metrics.watch_sign_in(signed_in)
    application = create_http(
        adapter,
        metrics=metrics,
        checks=checks,
        remarks={"background": background_remark(supervisor)},
        lifetimes=[running],
        public=public_routes(
            store, seal, recorder, clock, metrics, personal_tracking=personal_tracking
        ),
    )
    application.on_shutdown.append(ending)
    return application


def _store(settings: Settings) -> Store:
    if isinstance(settings.store, PostgreSQLStore):
        return PostgresStore(settings.store.url.reveal())
    return EmbeddedStore(settings.store.folder)


def _registration(
    settings: Settings, trusted: str | None, rules: TokenRules
) -> Registration | None:
    """Returns how the bot signs in; None in local mode."""
    if settings.app_id is None:
        return None
    secret = settings.client_secret
    return Registration(
        settings.app_id,
        secret=secret.reveal() if secret is not None else None,
        tenant_id=settings.sign_in_tenant,
        cloud=settings.cloud,
        trusted=trusted,
        rules=rules,
    )


def main(arguments: Sequence[str] = ()) -> int:
    """Serves until it is told to end, or runs the verb in the arguments; returns the exit code."""
    parser = argparse.ArgumentParser(prog="app.py", description="The bot. Settings: .env.example.")
    verbs = parser.add_subparsers(dest="verb", metavar="")
    migrating = verbs.add_parser(
        "migrate-store", help="move a TinyDB data folder into the database that STORE names"
    )
    migrating.add_argument("folder", nargs="?", type=Path, default=Path("data"))
    options = parser.parse_args(arguments)
    try:
        settings = from_environment()
    except SettingsError as error:
        return _fail(str(error))
    log_to_stderr(settings.log_level.value)
    if options.verb == "migrate-store":
        return _migrate(options.folder, settings)
    if settings.local:
        _log.warning(
            "local mode: nobody is authenticated; only this machine can reach the bot. "
            "Set MICROSOFT_APP_ID to serve Microsoft Teams."
        )
    try:
        serve(create_app(settings), settings.host, settings.port)
    except StoreError as error:
        return _fail(f"STORE can't be used: {error}")
    except CannotListen as error:
        return _fail(f"HOST {settings.host} PORT {settings.port} can't be used: {error}")
    return 0


def _migrate(folder: Path, settings: Settings) -> int:
    if not isinstance(settings.store, PostgreSQLStore):
        return _fail("STORE has to be the database: postgresql://...")
    if not is_data_folder(folder):
        return _fail(f"{folder} is not a data folder of this bot.")
    try:
        asyncio.run(migrate(folder, settings.store.url.reveal(), print))
    except StoreError as error:
        return _fail(f"Not moved: {error}")
    print(f"Moved. The folder {folder} is not used any more; keep it until you are content.")
    return 0


def _fail(reason: str) -> int:
    print(reason, file=sys.stderr)
    return BAD_SETTINGS


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
