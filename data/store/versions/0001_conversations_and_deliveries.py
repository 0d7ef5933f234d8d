"""Conversations and deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", name="pk_conversations"),
    )
    op.create_index("ix_conversations_at", "conversations", ["at"])
    op.create_table(
        "deliveries",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("chat", sa.String(255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_at", "deliveries", ["at"])


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("conversations")
