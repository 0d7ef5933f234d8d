"""The dondoc commands: arguments in, exit code out."""

import argparse
import asyncio
import gc
import getpass
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import cli_alerts, cli_people, cli_record, logs
from bot.clock import Clock
from bot.settings import Settings, read_settings
from data.errors import DondocError, PlanFaultsError, SettingError
from handlers.wording import say

OK, FAILED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code."""
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        logs.set_up(settings.secrets, options.log_level)
        code: int = options.command(options, settings)
    except (SettingError, PlanFaultsError) as error:
        print(error, file=sys.stderr)
        return FAILED
    except DondocError as error:
        print(say("cli.failed", reason=error), file=sys.stderr)
        return FAILED
    except (KeyboardInterrupt, BrokenPipeError):
        return FAILED
    return code


def _account() -> str:
    """The name of who runs the command; containers may run accounts that have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dondoc", description=say("cli.about"))
    commands = parser.add_subparsers(required=True, metavar=say("cli.command"))

    run = commands.add_parser("run", help=say("cli.run"))
    run.set_defaults(command=_run, log_level="INFO")

    ask = commands.add_parser("ask", help=say("cli.ask"))
    ask.add_argument("question")
    ask.add_argument("--plan", help=say("cli.plan"))
    ask.add_argument("--json", action="store_true", help=say("cli.json"))
    ask.set_defaults(command=_ask, log_level="WARNING")

    explain = commands.add_parser("explain", help=say("cli.explain"))
    explain.add_argument("question")
    explain.add_argument("--plan", help=say("cli.plan"))
    explain.set_defaults(command=_explain, log_level="WARNING")

    chat = commands.add_parser("chat", help=say("cli.chat"))
    chat.add_argument("--jsonl", action="store_true", help=say("cli.jsonl"))
    chat.add_argument("--user", default=_account(), help=say("cli.user"))
    chat.set_defaults(command=_chat, log_level="WARNING")

    cli_people.add_commands(commands)
    cli_record.add_commands(commands)
    cli_alerts.add_commands(commands)

    check = commands.add_parser("check", help=say("cli.check"))
    check.add_argument("files", nargs="*", type=Path, metavar="FILE")
    check.set_defaults(command=_check, log_level="WARNING")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from bot.app import run

    asyncio.run(run(settings))
    return OK


def _ask(options: argparse.Namespace, settings: Settings) -> int:
    from bot.app import build_library
    from bot.channels.console import CHANNEL, plain
    from bot.replies import contract
    from handlers.dialogue import Context
    from handlers.inquiry import Inquiry
    from handlers.messages import Message

    gc.disable()
    now = Clock(settings.as_of).now()
    message = Message(CHANNEL, "ask", "", at=now, text=options.question, plan=options.plan)
    reply, _ = Inquiry(build_library()).reply(message, Context())
    print(json.dumps(contract(reply, None), ensure_ascii=False) if options.json else plain(reply))
    return OK


def _explain(options: argparse.Namespace, settings: Settings) -> int:
    from bot.app import build_library
    from handlers.explanations import explained
    from handlers.inquiry import Inquiry

    library = build_library()
    plans = (options.plan,) if options.plan in library.plans else ()
    today = Clock(settings.as_of).now().date()
    print(explained(Inquiry(library).explain(options.question, today, plans)))
    return OK


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    asyncio.run(_converse(options, settings))
    return OK


async def _converse(options: argparse.Namespace, settings: Settings) -> None:
    from bot.app import house
    from bot.channels.console import Console, stdin_lines

    clock = Clock(settings.as_of)
    async with house(settings, clock) as home:
        console = Console(home.core, clock.now, home.library.plans)
        if options.jsonl:
            await console.serve(stdin_lines(), sys.stdout)
        else:
            await console.talk(options.user, stdin_lines(), sys.stdout)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from data.loading.library import check
    from handlers.failures import fault_sentence

    faults = check(options.files)
    for fault in faults:
        print(fault_sentence(fault))
    if not faults:
        print(say("check.sound"))
    return FAILED if faults else OK
