"""Alerts: subscriptions, what is to be told, and its deliveries; settings and state of chats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_CHOSEN = ("quiet_from", "quiet_until", "digest_hour")


def upgrade() -> None:
    with op.batch_alter_table("chat") as chat:
        chat.add_column(sa.Column("timezone", sa.String(), nullable=True))
        for name in _CHOSEN:
            chat.add_column(sa.Column(name, sa.Integer(), nullable=True))
        chat.add_column(sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True))
        chat.add_column(sa.Column("state", sa.String(), nullable=False, server_default="active"))
        chat.add_column(sa.Column("migrated_to", sa.BigInteger(), nullable=True))
        chat.add_column(sa.Column("strikes", sa.Integer(), nullable=False, server_default="0"))
        chat.add_column(sa.Column("struck_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("follows", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_article", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscription_chat_id", "subscription", ["chat_id"], unique=False)
    op.create_index("ix_subscription_user_id", "subscription", ["user_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reached_chat", sa.BigInteger(), nullable=True),
        sa.Column("fanned_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_alert_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("article_id", "version", name=op.f("uq_alert_article_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_alert_fanned_out_at", "alert", ["fanned_out_at"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_delivery_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "chat_id", "topic", name=op.f("pk_delivery")),
    )
    op.create_index("ix_delivery_due", "delivery", ["state", "next_at"], unique=False)
    op.create_index("ix_delivery_chat_id", "delivery", ["chat_id", "state"], unique=False)


def downgrade() -> None:
    for table in ("delivery", "alert", "subscription"):
        op.drop_table(table)
    with op.batch_alter_table("chat") as chat:
        for name in (*_CHOSEN, "timezone", "muted_until", "state", "migrated_to", "strikes", "struck_at"):
            chat.drop_column(name)
