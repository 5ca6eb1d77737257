"""How it stands with each source, and what feeds said of their articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENTS = ("added_at", "removed_at", "failing_since", "next_look_at", "off_at")
_TEXTS = ("kind", "etag", "last_modified")
_NUMBERS = ("listed", "ttl_s", "failures")


def upgrade() -> None:
    with op.batch_alter_table("source") as source:
        for name in _MOMENTS:
            source.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        for name in _TEXTS:
            source.add_column(sa.Column(name, sa.String(), nullable=True))
        for name in _NUMBERS:
            source.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "entry",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_entry_source_id")),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_retry", "entry", ["source_id", "retry_at"], unique=False)


def downgrade() -> None:
    op.drop_table("entry")
    with op.batch_alter_table("source") as source:
        for name in (*_MOMENTS, *_TEXTS, *_NUMBERS):
            source.drop_column(name)
