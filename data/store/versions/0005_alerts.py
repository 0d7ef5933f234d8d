"""Listeners and what they wish to hear, what was sent, calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    _listeners()
    _subscriptions()
    _absences()
    _snoozes()
    _alerts()
    _unreachable()
    _weeks()
    _calendars()


def _listeners() -> None:
    op.create_table(
        "listeners",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id", name="fk_listeners_person")),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        sa.Column("quiet", sa.String(16), nullable=False),
        sa.Column("heard", sa.Date),
        sa.Column("covered", sa.Date),
        sa.PrimaryKeyConstraint("id", name="pk_listeners"),
        sa.UniqueConstraint("person", name="uq_listeners_person"),
    )
    op.create_index("ix_listeners_channel_user", "listeners", ["channel", "user"])
    op.create_index("ix_listeners_heard", "listeners", ["heard"])


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "listener",
            sa.Integer,
            sa.ForeignKey("listeners.id", name="fk_subscriptions_listener"),
            nullable=False,
        ),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("value", sa.String(160), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("wanted", sa.Boolean, nullable=False),
        sa.Column("leads", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint(
            "listener", "scope", "value", "plan", name="uq_subscriptions_listener_scope_value_plan"
        ),
    )
    op.create_index("ix_subscriptions_value", "subscriptions", ["value"])
    op.create_index("ix_subscriptions_scope_value", "subscriptions", ["scope", "value"])


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "listener",
            sa.Integer,
            sa.ForeignKey("listeners.id", name="fk_absences_listener"),
            nullable=False,
        ),
        sa.Column("first", sa.Date, nullable=False),
        sa.Column("last", sa.Date, nullable=False),
        sa.Column("deputy", sa.Integer, sa.ForeignKey("listeners.id", name="fk_absences_deputy")),
        sa.PrimaryKeyConstraint("id", name="pk_absences"),
    )
    op.create_index("ix_absences_listener", "absences", ["listener"])
    op.create_index("ix_absences_last", "absences", ["last"])


def _snoozes() -> None:
    op.create_table(
        "snoozes",
        sa.Column(
            "listener",
            sa.Integer,
            sa.ForeignKey("listeners.id", name="fk_snoozes_listener"),
            nullable=False,
        ),
        sa.Column("task", sa.String(96), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("listener", "task", "day", name="pk_snoozes"),
    )
    op.create_index("ix_snoozes_day", "snoozes", ["day"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column(
            "listener",
            sa.Integer,
            sa.ForeignKey("listeners.id", name="fk_alerts_listener"),
            nullable=False,
        ),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("task", sa.String(96), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint(
            "listener",
            "channel",
            "task",
            "kind",
            "date",
            name="uq_alerts_listener_channel_task_kind_date",
        ),
    )
    op.create_index("ix_alerts_state", "alerts", ["state"])
    op.create_index("ix_alerts_at", "alerts", ["at"])


def _unreachable() -> None:
    op.create_table(
        "unreachable",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", name="pk_unreachable"),
    )


def _weeks() -> None:
    op.create_table(
        "weeks",
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("plan", "day", name="pk_weeks"),
    )


def _calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column(
            "listener",
            sa.Integer,
            sa.ForeignKey("listeners.id", name="fk_calendars_listener"),
            nullable=False,
        ),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("digest", name="pk_calendars"),
    )
    op.create_index("ix_calendars_listener", "calendars", ["listener"])


def downgrade() -> None:
    for name in (
        "calendars",
        "weeks",
        "unreachable",
        "alerts",
        "snoozes",
        "absences",
        "subscriptions",
        "listeners",
    ):
        op.drop_table(name)
