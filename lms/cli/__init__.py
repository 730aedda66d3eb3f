"""The `lms` command: one file of commands per topic, loaded when its name is called."""

from __future__ import annotations

from importlib import import_module

import click

# Command group → module that has it as `commands`; a module is imported only when its group is used.
GROUPS = {
    "db": "lms.cli.database",
    "courses": "lms.cli.courses",
    "roster": "lms.cli.rosters",
    "people": "lms.cli.people",
    "certificates": "lms.cli.certificates",
    "enrolments": "lms.cli.enrolments",
    "demo": "lms.cli.demo",
    "serve": "lms.cli.serve",
    "worker": "lms.cli.worker",
}


class Commands(click.Group):
    """A group whose commands live in modules of their own."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(GROUPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        module = GROUPS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).commands
        return command


@click.command(cls=Commands)
def cli() -> None:
    """Aula: cursos, padrones y constancias."""


def main() -> None:
    """Run the command line."""
    from lms import create_app

    cli(prog_name="lms", obj=create_app)
