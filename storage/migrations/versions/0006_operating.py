"""What operators need: an audit log, bans, broadcasts; and which questions found nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_QUOTES = {"sqlite": "json_array_length(content, '$.quotes')", "postgresql": "json_array_length(content -> 'quotes')"}


def upgrade() -> None:
    with op.batch_alter_table("answer") as answer:
        answer.add_column(sa.Column("answered", sa.Boolean(), nullable=True))
    op.execute(f"UPDATE answer SET answered = ({_QUOTES[op.get_bind().dialect.name]} > 0)")  # noqa: S608
    with op.batch_alter_table("answer") as answer:
        answer.alter_column("answered", existing_type=sa.Boolean(), nullable=False)
    op.create_index("ix_answer_given_at", "answer", ["given_at", "answered"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "ban",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("banned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban")),
    )
    op.create_table(
        "broadcast",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
    )
    op.create_table(
        "broadcast_delivery",
        sa.Column("broadcast_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcast.id"], name=op.f("fk_broadcast_delivery_broadcast_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "chat_id", name=op.f("pk_broadcast_delivery")),
    )
    op.create_index("ix_broadcast_delivery_due", "broadcast_delivery", ["state", "next_at"], unique=False)


def downgrade() -> None:
    for table in ("broadcast_delivery", "broadcast", "ban", "audit"):
        op.drop_table(table)
    op.drop_index("ix_answer_given_at", "answer")
    with op.batch_alter_table("answer") as answer:
        answer.drop_column("answered")
