"""Files that people sent, until an update refers to them or they are thrown away."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "received",
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_received"),
    )
    op.create_index("ix_received_at", "received", ["at"])


def downgrade() -> None:
    op.drop_table("received")
