"""People, their channels and memberships; codes to join or to link a channel, wrong guesses."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _people()
    _codes()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen", sa.String(16)),
        _person("merged_into", "people"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "identities",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        _person("person", "identities", nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("channel", "user", name="pk_identities"),
    )
    op.create_index("ix_identities_person", "identities", ["person"])
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer, nullable=False),
        _person("person", "memberships", nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        _person("added_by", "memberships"),
        sa.Column("ended", sa.DateTime(timezone=True)),
        _person("ended_by", "memberships"),
        _person("successor", "memberships"),
        sa.PrimaryKeyConstraint("id", name="pk_memberships"),
    )
    op.create_index("ix_memberships_person", "memberships", ["person"])
    op.create_index("ix_memberships_plan_agency", "memberships", ["plan", "agency"])


def _codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("opening", sa.String(8), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        _person("maker", "codes"),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("agency", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("used", sa.DateTime(timezone=True)),
        _person("used_by", "codes"),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
    )
    op.create_index("ix_codes_purpose_opening", "codes", ["purpose", "opening"])
    op.create_table(
        "guesses",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("user", sa.String(255), nullable=False),
        _person("person", "guesses"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_guesses"),
    )
    op.create_index("ix_guesses_channel_user", "guesses", ["channel", "user"])
    op.create_index("ix_guesses_at", "guesses", ["at"])


def _person(name: str, table: str, nullable: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey("people.id", name=f"fk_{table}_{name}")
    return sa.Column(name, sa.Integer, key, nullable=nullable)


def downgrade() -> None:
    for name in ("guesses", "codes", "memberships", "identities", "people"):
        op.drop_table(name)
